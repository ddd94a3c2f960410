// A device written with MQTT.js: prints every target it gets, one JSON object a line.
// usage: node mqtt_device.js HOST PORT UUID PASSWORD [MQTT VERSION: 4 (3.1.1) or 5]
'use strict';
const mqtt = require('mqtt');

const [host, port, uuid, password, version = '4'] = process.argv.slice(2);
const base = `muster/v1/d/${uuid}`;
const session = `${process.pid}-${Date.now()}`;
const will = { online: false, session };
const birth = { online: true, session, boot: 'js-1', encoding: 'json', os_version: '6.1.0',
  os_variant: 'prod', agent_version: '1.1.0' };

const client = mqtt.connect({
  host, port: Number(port), clientId: uuid, username: uuid, password,
  protocolVersion: Number(version),
  will: { topic: `${base}/up/presence`, payload: JSON.stringify(will), qos: 1, retain: false },
});

client.on('connect', () => {
  client.subscribe([`${base}/target`, `${base}/action`, `${base}/cancel`, 'muster/v1/sys/bridge'],
    { qos: 1 }, () => client.publish(`${base}/up/presence`, JSON.stringify(birth), { qos: 1 }));
});

client.on('message', (topic, payload) => {
  if (topic !== `${base}/target`) return;
  const target = JSON.parse(payload.toString());
  const running = target.release && target.release.commit;
  client.publish(`${base}/up/state`, JSON.stringify({ epoch: target.epoch, seq: target.seq, running,
    status: 'done', percent: 100, code: 0, message: '', locks: [], boot: 'js-1' }), { qos: 1 });
  console.log(JSON.stringify(target));
});

client.on('error', (error) => {
  console.error(String(error));
  process.exit(1);
});
process.on('SIGTERM', () => client.end(true, () => process.exit(0)));
