import { describe, expect, it } from '@jest/globals';
import type { StreamRequest } from '../../contract.js';
import type { Responder } from '../../testing/index.js';
import { createProviderContext, readStream } from '../../testing/index.js';
import { lever } from './index.js';

const DAY = 24 * 60 * 60 * 1000;
const config = { clientId: 'client', clientSecret: 'secret' };
const contextOver = (respond: Responder) => createProviderContext({ provider: lever, config, respond });
const changes = (days: number): StreamRequest => ({
  mode: 'changes',
  since: new Date(1_790_000_000_000 - days * DAY),
  until: new Date(1_790_000_000_000),
});
const empty: Responder = () => ({ body: { data: [] } });
const windowOf = (query: URLSearchParams | undefined) =>
  ['deleted_at_start', 'deleted_at_end'].map((name) => Number(query?.get(name)));

describe('what Lever deleted', () => {
  it('is asked for by the window of the run, confidential opportunities included', async () => {
    const context = contextOver(empty);
    await readStream(lever, context, 'deleted-opportunities', changes(40));
    expect(context.sent[0]?.path).toBe('/opportunities/deleted');
    expect(context.sent[0]?.query.get('confidentiality')).toBe('all');
    expect(windowOf(context.sent[0]?.query)).toEqual([1_790_000_000_000 - 40 * DAY, 1_790_000_000_000]);
  });

  it('of postings is asked for thirty days back at most, which is all that the list takes', async () => {
    for (const [days, asked] of [
      [3, 3],
      [40, 30],
    ] as const) {
      const context = contextOver(empty);
      await readStream(lever, context, 'deleted-postings', changes(days));
      expect(windowOf(context.sent[0]?.query)).toEqual([1_790_000_000_000 - asked * DAY, 1_790_000_000_000]);
    }
  });

  it('in full reaches back a bounded time and not for ever', async () => {
    for (const [stream, days] of [
      ['deleted-opportunities', 90],
      ['deleted-postings', 30],
    ] as const) {
      const context = contextOver(empty);
      await readStream(lever, context, stream);
      const [start = 0, end = 0] = windowOf(context.sent[0]?.query);
      expect((end - start) / DAY).toBe(days);
      expect(end).toBeGreaterThanOrEqual(Date.now() - DAY);
    }
  });

  it('is yielded as gone, with the erased person behind an opportunity', async () => {
    const data = [
      { id: 'o-1', contact: 'c-1', deletedAt: 1000, isAnonymized: false },
      { id: 'o-2', contact: 'c-2', deletedAt: '2000', isAnonymized: true },
      { id: 'o-3', deletedAt: 'lately' },
      { name: 'nobody' },
    ];
    const [page] = await readStream(
      lever,
      contextOver(() => ({ body: { data } })),
      'deleted-opportunities',
    );
    const base = { tombstone: 'deleted', intoRemoteId: null };
    expect(page?.gone).toEqual([
      { ...base, kind: 'application', remoteId: 'o-1', at: new Date(1000) },
      { ...base, kind: 'application', remoteId: 'o-2', at: new Date(2000) },
      { ...base, kind: 'candidate', remoteId: 'c-2', tombstone: 'anonymised', at: null },
      { ...base, kind: 'application', remoteId: 'o-3', at: null },
    ]);
    expect(page?.records).toEqual([]);
    expect(page?.rejected).toHaveLength(1);
  });

  it('is resumed with the window that it was begun with, for an offset is good for no other', async () => {
    const paged: Responder = ({ query }) =>
      query.has('offset')
        ? { body: { data: [{ id: 'o-2' }] } }
        : { body: { data: [{ id: 'o-1' }], hasNext: true, next: 't' } };
    const begun = contextOver(paged);
    const [first] = await readStream(lever, begun, 'deleted-opportunities', changes(2));
    const resumed = contextOver(paged);
    await readStream(lever, resumed, 'deleted-opportunities', changes(1), first?.next ?? null);
    expect(windowOf(resumed.sent[0]?.query)).toEqual(windowOf(begun.sent[0]?.query));
    expect(resumed.sent[0]?.query.get('offset')).toBe('t');
  });
});
