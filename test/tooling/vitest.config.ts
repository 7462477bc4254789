import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          sequence: { groupOrder: 0 },
          root: '.',
          include: ['test/{unit,architecture,browser,crash,docs,simulation}/**/*.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'recordings',
          sequence: { groupOrder: 0 },
          root: '.',
          include: ['test/conformance/matrixone*.test.ts'],
          testTimeout: 60_000,
          provide: { servers: [], isReplay: true },
        },
      },
      {
        test: {
          name: 'servers',
          sequence: { groupOrder: 1 },
          root: '.',
          include: ['test/{conformance,scenarios,door,faults}/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 300_000,
          maxWorkers: 2,
          globalSetup: ['test/support/start-servers.ts'],
        },
      },
    ],
  },
});
