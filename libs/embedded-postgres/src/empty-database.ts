import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';

const MODULES = fileURLToPath(new URL('../../../node_modules/', import.meta.url));

/**
 * A data directory as the engine makes it, to be unpacked into a new one: to make it takes five times as long, and each
 * test suite wants one. Kept beside the installed packages, for the engine's version.
 */
export async function emptyDatabase(): Promise<Blob> {
  const file = join(MODULES, '.cache/elly/empty-database', `pglite-${await engineVersion()}.tar`);
  const kept = await readFile(file).catch(() => null);
  if (kept !== null) return new Blob([kept]);
  const engine = await PGlite.create();
  const bytes = Buffer.from(await (await engine.dumpDataDir('none')).arrayBuffer());
  await engine.close();
  await mkdir(dirname(file), { recursive: true });
  // Whole or not at all: suites in other processes look for it too.
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, bytes);
  await rename(draft, file);
  return new Blob([bytes]);
}

async function engineVersion(): Promise<string> {
  const manifest = JSON.parse(await readFile(join(MODULES, '@electric-sql/pglite/package.json'), 'utf8')) as object;
  return 'version' in manifest ? String(manifest.version) : 'unknown';
}
