import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Responder } from '../../testing/index.js';
import { createProviderContext, readStream } from '../../testing/index.js';
import { lever } from './index.js';

interface Recording {
  readonly path: string;
  readonly request: { readonly params?: Readonly<Record<string, string>> };
  readonly status: number;
  readonly body: { readonly data: readonly { readonly id: string }[]; readonly next?: string };
}

const folder = join(process.env['ATS_RECORDINGS'] ?? resolve(process.cwd(), '../shared/recordings'), 'lever');
const present = existsSync(join(folder, 'opportunities.json'));
const record = present ? it : it.skip;

describe(`recorded exchanges with Lever (${present ? folder : `skipped: there are none in ${folder}; set ATS_RECORDINGS`})`, () => {
  record('normalise to 300 opportunities in order, none rejected, along the offsets that Lever gave', async () => {
    const recordings = read('opportunities.json');
    const context = contextOver(respondWith(recordings));
    const pages = await readStream(lever, context, 'opportunities');

    const applications = pages.flatMap((page) => page.records).filter((row) => row.kind === 'application');
    expect(applications.map((row) => row.remoteId)).toEqual(
      recordings.flatMap((page) => page.body.data.map((row) => row.id)),
    );
    expect(applications).toHaveLength(300);
    expect(pages.flatMap((page) => page.rejected)).toEqual([]);
    expect(applications.every((row) => row.updatedAt !== null && row.stageRemoteId !== null)).toBe(true);
    expect(new Set(applications.map((row) => row.status))).toEqual(new Set(['active', 'rejected', 'hired']));
    // The wire form of a token is its percent-encoded text encoded once more.
    expect(context.sent.filter((request) => request.url.search.includes('offset=%255B'))).toHaveLength(2);
  });

  record('give every person once a page and the same record on every page', async () => {
    const pages = await readStream(lever, contextOver(respondWith(read('opportunities.json'))), 'opportunities');
    const versions = new Map<string, Set<string>>();
    for (const page of pages) {
      const people = page.records.filter((row) => row.kind === 'candidate');
      expect(new Set(people.map((row) => row.remoteId)).size).toBe(people.length);
      for (const person of people) {
        versions.set(person.remoteId, (versions.get(person.remoteId) ?? new Set()).add(JSON.stringify(person)));
      }
    }
    expect(versions.size).toBe(294);
    expect([...versions.values()].every((seen) => seen.size === 1)).toBe(true);
  });

  record.each([
    ['jobs', 'postings.json'],
    ['stages', 'stages.json'],
    ['users', 'users.json'],
  ])('normalise every row of %s', async (stream, file) => {
    const recordings = read(file);
    const [page] = await readStream(lever, contextOver(respondWith(recordings)), stream);
    expect(page?.rejected).toEqual([]);
    expect(page?.records.map((row) => row.remoteId)).toEqual(recordings[0]?.body.data.map((row) => row.id));
  });
});

function read(file: string): readonly Recording[] {
  return (JSON.parse(readFileSync(join(folder, file), 'utf8')) as { recordings: Recording[] }).recordings;
}

/** By path and offset. The walk was recorded as far as its third page, so the end is put where the recording ends. */
function respondWith(recordings: readonly Recording[]): Responder {
  return ({ path, query }) => {
    const all = path === '/archive_reasons' ? read('archive-reasons.json') : recordings;
    const found = all.find(
      (entry) => entry.path === `/v1${path}` && entry.request.params?.['offset'] === (query.get('offset') ?? undefined),
    );
    if (found === undefined) throw new Error(`not recorded: ${path}`);
    return {
      status: found.status,
      body: found === all.at(-1) ? { ...found.body, hasNext: false, next: undefined } : found.body,
    };
  };
}

function contextOver(respond: Responder) {
  return createProviderContext({ provider: lever, config: { clientId: 'client', clientSecret: 'secret' }, respond });
}
