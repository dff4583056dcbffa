import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

const GUIDE = resolve(import.meta.dirname, '../../docs/embed.md');
const FILE = /<!-- file: (\S+) -->\s*```\w+\n([\s\S]*?)^```/gm;

/** The files that docs/embed.md tells its reader to write, by path. */
export async function guideFiles(): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(GUIDE, 'utf8');
  return new Map([...text.matchAll(FILE)].map(([, path = '', content = '']) => [path, content]));
}

export async function writeGuideFiles(folder: string): Promise<void> {
  for (const [path, content] of await guideFiles()) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}
