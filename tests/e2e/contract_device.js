// A device written with MQTT.js that keeps to the device channel, but for the one rule that BREAK
// names. Told what `muster agent check` tells in the environment.
'use strict';
const fs = require('fs');
const mqtt = require('mqtt');

const env = process.env;
const broken = env.BREAK || '';
const uuid = env.MUSTER_DEVICE_UUID;
const base = `muster/v1/d/${uuid}`;
const filters = [`${base}/target`, `${base}/action`, `${base}/cancel`, 'muster/v1/sys/bridge'];
const members = ['v', 'epoch', 'seq', 'fleet', 'policy', 'release', 'after_action', 'settings', 'at'];

// What it must remember when it is started again: the actions that ended, by `epoch/n/id`.
const file = `${env.MUSTER_DEVICE_FILE}.state`;
let results = {};
if (broken !== 'forgets' && fs.existsSync(file)) results = JSON.parse(fs.readFileSync(file));
let lastAck = null;

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
  if (broken === 'strict' && Object.keys(said).some((name) => !members.includes(name))) return null;
  const same = target && said.epoch === target.epoch && said.seq === target.seq;
  if (same && broken === 'same') return null;
  if (target && !same && !newer(said, target) && broken !== 'older') return null;
  target = said;
  return obey();
}

function ack(message) {
  lastAck = message;
  say('ack', message);
}

function end(key, message) {
  results[key] = message;
  fs.writeFileSync(file, JSON.stringify(results));
  ack(message);
}

function isPast(said) {
  return Object.values(results).some((each) => each.epoch > said.epoch
    || (each.epoch === said.epoch && each.n >= said.n));
}

// What is known of an action already; null: nothing.
function known(said, key) {
  if (broken === 'by-number') {
    return Object.values(results).find((each) => each.n === said.n) || null;
  }
  if (results[key]) return broken === 'again' ? null : results[key];
  if (!isPast(said) || broken === 'past') return null;
  return { epoch: said.epoch, n: said.n, id: said.id, state: 'failed', percent: 0, code: 410,
    message: 'finished, result not kept', boot: 'js-1' };
}

function read(payload) {
  const said = JSON.parse(payload.toString());
  const good = Number.isInteger(said.epoch) && Number.isInteger(said.n)
    && typeof said.id === 'string';
  if (said.v !== 1 || !good) throw new Error('no action');
  return said;
}

function takeAction(payload) {
  const said = read(payload);
  const key = `${said.epoch}/${said.n}/${said.id}`;
  const before = known(said, key);
  if (before) return ack(before);
  const report = { epoch: said.epoch, n: said.n, id: said.id, state: 'started', percent: 0,
    code: 0, message: '', boot: 'js-1' };
  if (said.kind !== 'blink' && broken !== 'any-kind') {
    return end(key, { ...report, state: 'rejected', code: 501 });
  }
  if (broken !== 'no-start') ack(report);
  if (broken === 'no-end') return null;
  return end(key, { ...report, state: 'succeeded', percent: 100 });
}

function takeCancel(payload) {
  const said = read(payload);
  const key = `${said.epoch}/${said.n}/${said.id}`;
  const report = { epoch: said.epoch, n: said.n, id: said.id, state: 'cancelled', percent: 0,
    code: 0, message: '', boot: 'js-1' };
  if (broken === 'early-cancel') return ack(report);
  if (broken === 'late-cancel') return end(key, report);
  const before = known(said, key);
  return before ? ack(before) : end(key, report);
}

function takeBridge(payload) {
  const said = JSON.parse(payload.toString());
  if (!said.online || (said.instance === instance && broken !== 'chatty')) return;
  instance = said.instance;
  if (broken === 'instance') return;
  setTimeout(() => {
    sayBirth();
    sayState(target ? 'done' : 'idle');
    if (lastAck && broken !== 'quiet-acks') say('ack', lastAck);
  }, Math.random() * said.spread_s * 1000);
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
      if (topic === `${base}/action`) takeAction(payload);
      if (topic === `${base}/cancel`) takeCancel(payload);
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

// One that says its birth at every occasion, also as its last word.
if (broken === 'chatty') {
  process.on('SIGTERM', () => {
    sayBirth();
    setTimeout(() => process.exit(0), 50);
  });
}

connect();
setInterval(() => {}, 1000);
