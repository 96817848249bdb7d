import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * npm's kafka-sse, from the folder it was installed into: a consumer a client, which begins at the offset that the client's
 * path tells. A record's text is passed on as it is, as the gateway does it: by default it is parsed and written as JSON anew.
 */
const [folder, bootstrap, topic] = process.argv.slice(2);
const require = createRequire(join(folder, 'package.json'));
const kafkaSse = require('kafka-sse');
const logger = require('bunyan').createLogger({ name: 'kafka-sse', level: 'fatal' });
const options = {
  logger,
  kafkaConfig: { 'metadata.broker.list': bootstrap, 'fetch.wait.max.ms': 5, 'fetch.queue.backoff.ms': 10 },
  deserializer: (record) => Object.assign(record, { message: record.value.toString() }),
};
const server = createServer((request, response) => {
  const offset = Number(request.url.slice(1));
  const assignments = [0, 1, 2, 3].map((partition) => ({ topic, partition, offset }));
  kafkaSse(request, response, assignments, options).catch((error) => {
    throw error;
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
