import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

const GUIDES = resolve(import.meta.dirname, '../../docs');
const FILE = /<!-- file: (\S+) -->\s*```\w+\n([\s\S]*?)^```/gm;

/** Writes the files that a guide in docs/ tells its reader to write; their paths. */
export async function writeGuideFiles(guide: string, folder: string): Promise<readonly string[]> {
  const text = await readFile(join(GUIDES, guide), 'utf8');
  const paths: string[] = [];
  for (const [, path = '', content = ''] of text.matchAll(FILE)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
    paths.push(path);
  }
  return paths;
}
