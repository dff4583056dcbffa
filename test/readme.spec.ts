import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '..');
const PROVIDERS = 'libs/ats-integration/src/providers';
const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'docs/embed.md',
  'docs/write-a-provider.md',
  'docs/operate.md',
  'libs/ats-integration/README.md',
];

describe('README.md', () => {
  it('names every provider and its folder, and none that is not there', async () => {
    const text = await readFile(join(ROOT, 'README.md'), 'utf8');
    const named = [...text.matchAll(/^\|.*`libs\/ats-integration\/src\/providers\/([^`/]+)`.*\|$/gm)].map(
      ([, name]) => name,
    );
    expect(named.sort()).toEqual((await readdir(join(ROOT, PROVIDERS))).sort());
  });

  it('names commands that exist', async () => {
    const text = await readFile(join(ROOT, 'README.md'), 'utf8');
    const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = [...text.matchAll(/\bnpm (?:run )?(start|test|(?<=run )[a-z-]+)/g)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  it('begins with three lines of what it is and two commands', async () => {
    const text = await readFile(join(ROOT, 'README.md'), 'utf8');
    const [, lines, commands] = /^# .+\n\n((?:.+\n){3})\n```sh\n((?:.+\n){2})```\n/.exec(text) ?? [];
    expect(lines).toBeDefined();
    expect(commands?.split('\n').map((line) => line.replace(/\s*#.*/, ''))).toEqual([
      'npm ci && npm start',
      'npm ci && npm test',
      '',
    ]);
  });
});

describe('the pages for people', () => {
  it.each(PAGES)('%s has only links that lead somewhere', async (page) => {
    const text = await readFile(join(ROOT, page), 'utf8');
    const targets = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(([, target = '']) => target);
    expect(targets.filter((target) => !existsSync(join(ROOT, dirname(page), target)))).toEqual([]);
  });
});
