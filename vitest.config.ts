import { configDefaults, defineConfig } from 'vitest/config';

/** Their tests share nothing that could be left behind, and so one process: starting one for each file took longer than they do. */
const pure = ['maths', 'model', 'experiments', 'diagnosis', 'report', 'recipes'].map(
  (room) => `src/${room}/**/*.test.ts`,
);

export default defineConfig({
  test: {
    testTimeout: 20_000,
    projects: [
      { extends: true, test: { name: 'pure', include: pure, isolate: false } },
      {
        extends: true,
        test: {
          name: 'with the world',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'conformance/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...pure],
        },
      },
    ],
  },
});
