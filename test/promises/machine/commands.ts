import fc from 'fast-check';
import type { Setting } from './setting.js';
import type { World } from './world.js';

/** What is known before it is tried: nothing, the world knows whether a command can be carried out. */
export type Model = Record<string, never>;

type HistoryCommand = fc.AsyncCommand<Model, World>;

/** A command that is left out where it makes no sense. */
function command(
  name: string,
  makesSense: (world: World) => boolean,
  act: (world: World) => Promise<void>,
): HistoryCommand {
  return {
    check: () => true,
    run: async (_, world) => {
      if (makesSense(world)) await act(world);
    },
    toString: () => name,
  };
}

const always = (name: string, makesSense: (world: World) => boolean, act: (world: World) => Promise<void>) =>
  fc.constant(command(name, makesSense, act));

/** What may happen in a history of a setting. Events that take long are rare. */
export function commands(setting: Setting): fc.Arbitrary<Iterable<HistoryCommand>> {
  const publish = fc
    .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 5 }))
    .map(([count, idle]) =>
      command(
        `publish ${count}, ${idle} idle`,
        (world) => world.hasTopic,
        (world) => world.publish(count, idle),
      ),
    );
  const transaction = fc.tuple(fc.integer({ min: 1, max: 20 }), fc.boolean()).map(([count, commits]) =>
    command(
      `${commits ? 'commit' : 'abort'} ${count}`,
      (world) => world.hasTopic && !world.hasOpenTransaction,
      (world) => world.publishInTransaction(count, commits),
    ),
  );
  const open = fc.tuple(fc.integer({ min: 1, max: 20 }), fc.boolean()).map(([count, commits]) =>
    command(
      `open ${count}, to ${commits ? 'commit' : 'abort'}`,
      (world) => world.hasTopic && !world.hasOpenTransaction,
      (world) => world.openTransaction(count, commits),
    ),
  );
  const connect = always(
    'connect',
    (world) => world.isRunning && !world.isConnected,
    (world) => world.connect(),
  );
  const cut = always(
    'cut',
    (world) => world.isConnected,
    (world) => world.cut(),
  );
  const restart = always(
    'stop and start',
    (world) => world.isRunning,
    async (world) => {
      await world.stopGateway();
      await world.startGateway();
    },
  );
  const stop = always(
    'stop',
    (world) => world.isRunning,
    (world) => world.stopGateway(),
  );
  const start = always(
    'start',
    (world) => !world.isRunning,
    (world) => world.startGateway(),
  );
  const topic = always(
    'create the topic',
    (world) => !world.hasTopic,
    (world) => world.createTopic(),
  );
  const frequent = [publish, publish, connect, connect, cut, restart, stop, start, transaction, topic];
  const rare = [
    open,
    always(
      'close the transaction',
      (world) => world.hasOpenTransaction,
      (world) => world.closeTransaction(),
    ),
    always(
      'make the topic again',
      (world) => world.hasTopic && world.isConnected && !world.hasOther && !world.hasOpenTransaction,
      (world) => world.makeTopicAgain(),
    ),
    always(
      'kill',
      (world) => world.isRunning,
      (world) => world.killGateway(),
    ),
    always(
      'add partitions',
      (world) => world.hasTopic,
      (world) => world.addPartitions(2),
    ),
    always(
      'stay away',
      () => true,
      (world) => world.stayAway(),
    ),
    always(
      'delete records',
      (world) => world.hasTopic && world.isConnected,
      (world) => world.deleteRecords(),
    ),
    ...(setting.entrypoint === 'webhook'
      ? []
      : [
          always(
            'stand still',
            (world) => world.isConnected,
            (world) => world.standStill(),
          ),
          always(
            'another joins',
            (world) => world.isConnected && !world.hasOther,
            (world) => world.joinOther(),
          ),
          always(
            'the other leaves',
            (world) => world.hasOther,
            (world) => world.leaveOther(),
          ),
        ]),
  ];
  return fc.commands([...frequent, ...frequent, ...rare], { maxCommands: 10, size: 'max' });
}
