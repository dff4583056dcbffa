import { existsSync } from 'node:fs';
import { cp, mkdir, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { run } from './run-command.js';

const ROOT = resolve(import.meta.dirname, '../..');
const LIBRARY = 'libs/ats-integration';

/**
 * The tarball of the library, built in a copy: what it contains comes from the sources alone, never from what an earlier
 * build left behind, and no other test sees its `dist` change.
 */
export async function packLibrary(folder: string): Promise<string> {
  const copy = join(folder, 'repository');
  await mkdir(join(copy, LIBRARY), { recursive: true });
  for (const name of ['.swcrc', 'tsconfig.base.json']) await cp(join(ROOT, name), join(copy, name));
  for (const name of ['package.json', 'tsconfig.build.json', 'README.md', 'LICENSE', 'src'])
    await cp(join(ROOT, LIBRARY, name), join(copy, LIBRARY, name), { recursive: true });
  // The library's own folder holds what the root has in another version.
  for (const folder of ['node_modules', `${LIBRARY}/node_modules`]) {
    if (existsSync(join(ROOT, folder))) await symlink(join(ROOT, folder), join(copy, folder), 'dir');
  }
  const printed = await run(join(copy, LIBRARY), 'npm', ['pack', '--json', '--silent', '--pack-destination', folder]);
  const name = /"filename":\s*"([^"]+\.tgz)"/.exec(printed)?.[1];
  if (name === undefined) throw new Error(`npm pack named no tarball:\n${printed}`);
  return join(folder, name);
}
