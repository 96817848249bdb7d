import { defineConfig } from 'vitest/config';

/** Workspace packages are tested from their sources. */
const sources = {
  resolve: { conditions: ['sluice-source'] },
  ssr: { resolve: { conditions: ['sluice-source', 'node', 'import', 'default'] } },
};
const needsKafka = [
  'plugins/endpoint-kafka/**/*.test.ts',
  'test/e2e/**/*.test.ts',
  'test/hostile/kafka/**/*.test.ts',
  'test/promises/**/*.test.ts',
  'test/support/kafka/**/*.test.ts',
];
const never = ['**/node_modules/**', '**/dist/**'];

export default defineConfig({
  test: {
    projects: [
      {
        ...sources,
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...never, ...needsKafka],
          testTimeout: 20_000,
          hookTimeout: 30_000,
        },
      },
      {
        ...sources,
        test: {
          name: 'kafka',
          // Cases on a cluster wait for it most of the time.
          maxConcurrency: 8,
          include: needsKafka,
          exclude: never,
          globalSetup: ['test/support/kafka/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
