import { defineConfig } from 'vitest/config';

const project = (name: string, include: string[], testTimeout: number, globalSetup: string[] = []) => ({
  test: {
    name,
    include,
    testTimeout,
    hookTimeout: testTimeout,
    environment: 'node',
    setupFiles: ['test/support/property-seed.ts', 'test/support/planted/everywhere.ts'],
    globalSetup,
  },
});

export default defineConfig({
  test: {
    projects: [
      project(
        'unit',
        ['packages/*/test/**/*.test.ts', 'test/conformance/**/*.test.ts', 'test/platforms/**/*.test.ts'],
        60_000,
      ),
      project('e2e', ['test/e2e/**/*.test.ts'], 60_000),
      project('faults', ['test/faults/**/*.test.ts'], 300_000),
      project('stack', ['test/stack/**/*.test.ts'], 300_000, ['test/stack/faults/setup.ts']),
    ],
  },
});
