import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { checkProviderFolder } from './provider-folder.js';

const providers = fileURLToPath(new URL('../providers', import.meta.url));

describe('the folder of every provider', () => {
  it('is found: there are providers at all', async () => {
    expect((await foldersIn(providers)).length).toBeGreaterThanOrEqual(2);
  });

  it('holds what it must, nothing else, and imports only what it may', async () => {
    const wrong = await Promise.all(
      (await foldersIn(providers)).map((name) => checkProviderFolder(join(providers, name))),
    );
    expect(wrong.flat()).toEqual([]);
  });
});

describe('the check of a provider folder', () => {
  let folder = '';
  const good: Readonly<Record<string, string>> = {
    'README.md': '# Paper',
    'index.ts':
      "import { z } from 'zod';\nimport { manifest } from './manifest.js';\nexport const paper = { manifest, z };\n",
    'manifest.ts':
      "import type { ProviderManifest } from '../../contract.js';\nexport const manifest = {} as ProviderManifest;\n",
    'paper.contract.spec.ts':
      "import { it } from '@jest/globals';\nimport { describeAtsProvider } from '../../testing/index.js';\n",
    'sync.jobs.ts': '// fetch( and setTimeout( in a comment are words\nexport const jobs = 1;\n',
    'fixtures/scenario.json': '{}',
  };
  const write = async (files: Readonly<Record<string, string>>): Promise<void> => {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'paper-'));
    await write(good);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('finds nothing in a folder that is as it should be', async () => {
    expect(await checkProviderFolder(folder)).toEqual([]);
  });

  it.each(['README.md', 'index.ts', 'manifest.ts', 'paper.contract.spec.ts'])('misses %s', async (name) => {
    await rm(join(folder, name));
    const found = (await checkProviderFolder(folder)).join('\n');
    expect(found).toMatch(name.endsWith('.spec.ts') ? /contract\.spec/ : new RegExp(`${name} is missing`));
  });

  it.each([
    ['fix-damage.mjs', ''],
    ['helpers.ts', ''],
    ['fixtures/page.txt', ''],
    ['fixtures/deep/page.json', ''],
    ['lib/paging.ts', ''],
    ['sync.Jobs.ts', ''],
  ])('does not want %s', async (name, text) => {
    await write({ [name]: text });
    expect((await checkProviderFolder(folder)).join('\n')).toContain(`${name} does not belong`);
  });

  it('does not want a fixture above 64 kB', async () => {
    await write({ 'fixtures/big.json': 'x'.repeat(64 * 1024 + 1) });
    expect((await checkProviderFolder(folder)).join('\n')).toContain('fixtures/big.json has 65537 bytes');
  });

  it.each([
    "import { Injectable } from '@nestjs/common';",
    "import { readFile } from 'node:fs/promises';",
    "import axios from 'axios';",
    "import { lever } from '../lever/index.js';",
    "import { sync } from '../../sync/run-sync.js';",
    "export { x } from '../../../index.js';",
    "const undici = await import('undici');",
    "const http = require('http');",
    "import '../../testing/index.js';",
  ])('does not let code reach further: %s', async (line) => {
    await write({ 'sync.ts': `${line}\n` });
    expect((await checkProviderFolder(folder)).join('\n')).toContain('sync.ts imports');
  });

  it.each(['await fetch("https://x")', 'process.env.KEY', 'setTimeout(done, 5)', 'console.log(1)'])(
    'does not let code do: %s',
    async (line) => {
      await write({ 'sync.ts': `export const x = async () => ${line};\n` });
      expect(await checkProviderFolder(folder)).toHaveLength(1);
    },
  );

  it('lets the index export the provider and nothing else', async () => {
    await write({ 'index.ts': 'export const one = 1;\nexport const two = 2;\n' });
    expect((await checkProviderFolder(folder)).join('\n')).toContain('exports 2 things');
  });
});

async function foldersIn(path: string): Promise<readonly string[]> {
  return (await readdir(path, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}
