import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** What a provider's folder may hold: a closed list, so that nothing gathers there. `sync`, `normalise` and the like may be split (`sync.jobs.ts`). */
const ALLOWED = [
  /^README\.md$/,
  /^index\.ts$/,
  /^(manifest|auth|paging|faults|preflight|resumes|stage-change|field-change|webhooks)\.ts$/,
  /^(sync|normalise)(\.[a-z][a-z-]*)?\.ts$/,
  /^(config\.schema|api\.schemas)\.ts$/,
  /^[a-z][a-z.-]*\.spec\.ts$/,
  /^fixtures\/[a-z][a-z0-9.-]*\.json$/,
];
const REQUIRED = ['README.md', 'index.ts', 'manifest.ts'];
const LARGEST_FIXTURE = 64 * 1024;

/** What the code of a provider may reach: the contract, its own folder, the schema library. Its specs may reach the test runner and this package too. */
const CODE_IMPORTS = [
  /^zod$/,
  /^\.\/[a-z.-]+\.js$/,
  /^(\.\.\/\.\.|@elly\/ats-integration)\/contract(\.js|\/[a-z-]+\.js)?$/,
];
const SPEC_IMPORTS = [
  ...CODE_IMPORTS,
  /^@jest\/globals$|^vitest$|^node:/,
  /^(\.\.\/\.\.|@elly\/ats-integration)\/testing(\/index\.js)?$/,
];

/** Reached without an import. */
const FORBIDDEN_GLOBALS: readonly (readonly [RegExp, string])[] = [
  [/\bprocess\.env\b/, 'reads process.env: options come from `context.config`'],
  [/\b(?:globalThis\.)?fetch\s*\(/, 'calls fetch: requests go through `context.http`'],
  [/\bset(?:Timeout|Interval|Immediate)\s*\(/, 'sets a timer: waiting is the work of the engine'],
  [/\bconsole\.\w+\s*\(/, 'writes to the console'],
];

/** All that is wrong with a provider's folder; empty when nothing is. */
export async function checkProviderFolder(folder: string): Promise<readonly string[]> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    );
  const missing = REQUIRED.filter((name) => !files.includes(name)).map((name) => `${name} is missing`);
  if (!files.some((name) => name.endsWith('.contract.spec.ts')))
    missing.push('there is no *.contract.spec.ts, so nothing proves it');
  const stray = files
    .filter((name) => !ALLOWED.some((allowed) => allowed.test(name)))
    .map((name) => `${name} does not belong into a provider's folder`);
  const wrong = await Promise.all(files.map((name) => checkFile(folder, name)));
  return [...missing, ...stray, ...wrong.flat()].map((what) => `${basename(folder)}: ${what}`);
}

async function checkFile(folder: string, name: string): Promise<readonly string[]> {
  const path = join(folder, name);
  if (name.startsWith('fixtures/')) {
    const { size } = await stat(path);
    return size > LARGEST_FIXTURE ? [`${name} has ${size} bytes; a fixture has at most ${LARGEST_FIXTURE}`] : [];
  }
  if (!name.endsWith('.ts')) return [];
  const text = await readFile(path, 'utf8');
  const isSpec = name.endsWith('.spec.ts');
  const allowed = isSpec ? SPEC_IMPORTS : CODE_IMPORTS;
  const imports = importsOf(text)
    .filter((target) => !allowed.some((pattern) => pattern.test(target)))
    .map((target) => `${name} imports ${target}`);
  const globals = isSpec
    ? []
    : FORBIDDEN_GLOBALS.filter(([pattern]) => pattern.test(withoutComments(text))).map(([, what]) => `${name} ${what}`);
  const exported = name === 'index.ts' ? exportsOf(text) : [];
  return [
    ...imports,
    ...globals,
    ...(name === 'index.ts' && exported !== 1
      ? [`index.ts exports ${String(exported)} things instead of the provider alone`]
      : []),
  ];
}

function importsOf(text: string): readonly string[] {
  const code = withoutComments(text);
  return [...code.matchAll(/\b(?:from|import|require)\s*\(?\s*(['"`])([^'"`]+)\1/g)].map(([, , target = '']) => target);
}

const exportsOf = (text: string): number => [...withoutComments(text).matchAll(/^export\b/gm)].length;

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[\s;{}(),])\/\/.*$/gm, '$1');
}
