/** One ESM project for the whole repository: a mixed CJS/ESM set-up breaks on Nest 12. */
export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@elly/source', 'node', 'node-addons'] },
  roots: ['<rootDir>/libs', '<rootDir>/apps', '<rootDir>/test', '<rootDir>/tools'],
  testMatch: ['**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': '@swc/jest' },
  // One fewer is the default, and on two cores that is none beside the first: suites that wait would hold up the rest.
  maxWorkers: '100%',
  testTimeout: 30_000,
};
