/**
 * Which folder may import which: the folders are the flow, arrows run with it. Everything that is not listed is an
 * error, and so is every cycle.
 */
const LIB = '^libs/ats-integration/src/';

const MAY_IMPORT = {
  contract: [],
  support: ['contract'],
  database: [],
  host: ['contract', 'support'],
  queue: ['support'],
  schedule: ['support'],
  // The plan's guard asks the host whose request it is.
  plan: ['host', 'support', 'database'],
  registry: ['contract', 'support'],
  http: ['contract', 'support'],
  mapping: ['contract', 'support', 'host', 'database'],
  events: ['contract', 'support', 'queue', 'database'],
  connections: ['schedule', 'contract', 'support', 'registry', 'http', 'events', 'database'],
  records: ['contract', 'support', 'events', 'database'],
  // Stands between everybody who writes to the host and the host: nobody of the flow imports it.
  duplicates: ['schedule', 'connections', 'records', 'registry', 'events', 'host', 'contract', 'support', 'database'],
  outbound: [
    'schedule',
    'connections',
    'mapping',
    'records',
    'registry',
    'events',
    'queue',
    'host',
    'contract',
    'support',
    'database',
  ],
  // As stage changes do, which it shares the ways with.
  'field-changes': [
    'outbound',
    'schedule',
    'connections',
    'records',
    'registry',
    'events',
    'queue',
    'host',
    'contract',
    'support',
    'database',
  ],
  // A page keeps off what is on its way out, and recognises what comes back; a confirmed stage lets what waited for it go.
  sync: [
    'outbound',
    'field-changes',
    'schedule',
    'connections',
    'mapping',
    'records',
    'registry',
    'http',
    'events',
    'queue',
    'plan',
    'host',
    'contract',
    'support',
    'database',
  ],
  connect: ['schedule', 'connections', 'sync', 'registry', 'http', 'plan', 'events', 'contract', 'support', 'database'],
  webhooks: ['schedule', 'connections', 'sync', 'registry', 'contract', 'support', 'database'],
  insight: [
    'connect',
    'connections',
    'sync',
    'mapping',
    'records',
    'registry',
    'http',
    'events',
    'queue',
    'plan',
    'host',
    'contract',
    'support',
    'database',
  ],
  rest: [
    'connect',
    'connections',
    'sync',
    'outbound',
    'field-changes',
    'webhooks',
    'insight',
    'duplicates',
    'registry',
    'plan',
    'host',
    'contract',
    'support',
  ],
  migrations: [],
  testing: ['contract', 'queue'],
};

const folders = Object.entries(MAY_IMPORT).map(([folder, allowed]) => ({
  name: `${folder}-imports-only-what-it-may`,
  severity: 'error',
  from: { path: `${LIB}${folder}/`, pathNot: '\\.spec\\.ts$' },
  to: {
    path: LIB,
    pathNot: [
      `${LIB}(${[folder, ...allowed].join('|')})/`,
      `${LIB}contract\\.ts$`,
      `${LIB}ats-integration\\.options\\.ts$`,
    ],
  },
}));

module.exports = {
  forbidden: [
    ...folders,
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'contract-stands-alone',
      severity: 'error',
      from: { path: `${LIB}contract/`, pathNot: '\\.spec\\.ts$' },
      to: {
        pathNot: [`${LIB}contract/`, 'node_modules/(zod|@types|typescript)/', '^node:'],
        dependencyTypesNot: ['core'],
      },
    },
    {
      name: 'nothing-imports-a-provider',
      severity: 'error',
      from: { path: LIB, pathNot: [`${LIB}providers/`, '\\.spec\\.ts$'] },
      to: { path: `${LIB}providers/` },
    },
    {
      name: 'a-provider-sees-the-contract-and-itself',
      severity: 'error',
      from: { path: `${LIB}providers/([^/]+)/`, pathNot: '\\.spec\\.ts$' },
      to: { pathNot: [`${LIB}providers/$1/`, `${LIB}contract/`, `${LIB}contract\\.ts$`, 'node_modules/zod/'] },
    },
    {
      name: 'apps-use-public-exports',
      severity: 'error',
      from: { path: '^(apps|test|bench|tools)/' },
      to: {
        path: LIB,
        pathNot: [`${LIB}(index|contract)\\.ts$`, `${LIB}testing/index\\.ts$`, `${LIB}providers/[^/]+/index\\.ts$`],
      },
    },
    {
      name: 'simulators-share-nothing-with-the-library',
      severity: 'error',
      from: { path: '^apps/ats-sandbox/' },
      to: { path: '^(libs/ats-integration|apps/elly)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@elly/source', 'import', 'node', 'default'],
    },
  },
};
