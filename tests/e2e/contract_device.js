// A device written with MQTT.js that keeps to the device channel, but for the one rule that BREAK
// names. Told what `muster agent check` tells in the environment.
'use strict';
const mqtt = require('mqtt');

const env = process.env;
const broken = env.BREAK || '';
const uuid = env.MUSTER_DEVICE_UUID;
const base = `muster/v1/d/${uuid}`;
const filters = [`${base}/target`, `${base}/action`, `${base}/cancel`, 'muster/v1/sys/bridge'];
const known = ['v', 'epoch', 'seq', 'fleet', 'policy', 'release', 'after_action', 'settings', 'at'];

let target = null;
let running = null;
let instance = null;
let client = null;
let session = null;

function newer(a, b) {
  if (broken === 'epoch') return a.seq > b.seq;
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.seq > b.seq);
}

function say(kind, message) {
  const options = { qos: broken === 'qos0' && kind === 'state' ? 0 : 1,
    retain: broken === 'retained' && kind === 'state' };
  client.publish(`${base}/up/${kind}`, JSON.stringify(message), options);
}

function sayState(status) {
  const at = target || { epoch: 0, seq: 0 };
  say('state', { epoch: at.epoch, seq: at.seq, running, status, percent: 0, code: 0, message: '',
    locks: [], boot: 'js-1' });
}

function sayBirth() {
  say('presence', { online: true, session: broken === 'birth-session' ? 'other' : session,
    boot: 'js-1', encoding: 'json', os_version: '6.1.0', os_variant: 'prod',
    agent_version: '1.1.0' });
}

function obey() {
  const wanted = target.release && target.release.commit;
  if (!wanted) {
    if (broken === 'no-release') running = null;
    return sayState('idle');
  }
  const waits = target.after_action !== null && broken !== 'after-action';
  const held = target.settings.local_mode && broken !== 'local-mode';
  if (waits || held) return sayState(waits ? 'waiting' : 'idle');
  sayState('applying');
  running = wanted;
  return sayState(broken === 'odd-state' && target.seq === 2 ? 'running' : 'done');
}

function takeTarget(payload) {
  if (payload.length === 0) {
    if (broken === 'empty') running = null;
    target = null;
    return sayState('idle');
  }
  const said = JSON.parse(payload.toString());
  if (!said.settings || typeof said.seq !== 'number') throw new Error('no target');
  if (broken === 'strict' && Object.keys(said).some((name) => !known.includes(name))) return null;
  const same = target && said.epoch === target.epoch && said.seq === target.seq;
  if (same && broken === 'same') return null;
  if (target && !same && !newer(said, target) && broken !== 'older') return null;
  target = said;
  return obey();
}

function takeBridge(payload) {
  const said = JSON.parse(payload.toString());
  if (!said.online || (said.instance === instance && broken !== 'chatty')) return;
  instance = said.instance;
  if (broken === 'instance') return;
  setTimeout(() => { sayBirth(); sayState(target ? 'done' : 'idle'); },
    Math.random() * said.spread_s * 1000);
}

function connect() {
  if (session === null || broken !== 'session') session = `${process.pid}-${Date.now()}`;
  const will = { topic: `${base}/up/presence`, qos: 1, retain: broken === 'retained-will',
    payload: JSON.stringify({ online: false, session }) };
  client = mqtt.connect({
    host: env.MUSTER_MQTT_HOST, port: Number(env.MUSTER_MQTT_PORT), reconnectPeriod: 0,
    clientId: broken === 'client-id' ? 'me' : env.MUSTER_MQTT_CLIENT_ID,
    username: env.MUSTER_MQTT_USERNAME, password: env.MUSTER_MQTT_PASSWORD,
    protocolVersion: Number(env.MQTT_VERSION || '4'), ...(broken === 'no-will' ? {} : { will }),
  });
  client.on('connect', () => {
    client.subscribe(filters, { qos: broken === 'qos0-subscription' ? 0 : 1 }, () => {
      sayBirth();
      sayState(target ? 'done' : 'idle');
    });
  });
  client.on('message', (topic, payload) => {
    try {
      if (topic === `${base}/target`) takeTarget(payload);
      if (topic === 'muster/v1/sys/bridge') takeBridge(payload);
    } catch (error) {
      if (broken === 'crash') process.exit(1);
    }
  });
  client.on('error', () => {});
  client.on('close', () => {
    client.end(true);
    if (broken !== 'reconnect') setTimeout(connect, 200);
  });
}

connect();
setInterval(() => {}, 1000);
