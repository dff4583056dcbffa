import type { Cursor, ProviderPage } from '../contract/page.js';
import { TOMBSTONES } from '../contract/tombstone.js';
import type { ContractCheck } from './contract-check.js';
import { demand, demandEqual, faultFrom, pagesOf, wholeOf } from './contract-check.js';
import { isJson, wrongWith } from './record-shapes.js';
import { respondFrom } from './exchange.js';

export const STREAM_CHECKS: readonly ContractCheck[] = [
  {
    title: 'reads every stream to its end and yields what the account holds',
    run: async ({ provider, scenario, context }) => {
      let mostPages = 0;
      for (const stream of provider.streams) {
        const pages = await pagesOf(stream, context());
        mostPages = Math.max(mostPages, pages.length);
        demand(
          pages.length > 0 && pages.at(-1)?.next === null,
          `stream "${stream.name}" ends without a page that says so`,
        );
        demand(
          pages.slice(0, -1).every((page) => page.next !== null),
          `stream "${stream.name}" says that it ended and goes on`,
        );
        const expected = scenario.expected[stream.name];
        demand(expected !== undefined, `the scenario does not say what stream "${stream.name}" holds`);
        const actual = {
          records: countKinds(pages),
          rejected: sum(pages, 'rejected'),
          withheld: sum(pages, 'withheld'),
          gone: expected.gone === undefined ? 0 : pages.flatMap((page) => page.gone ?? []).length,
        };
        const wanted = {
          records: expected.records,
          rejected: expected.rejected ?? 0,
          withheld: expected.withheld ?? 0,
          gone: expected.gone ?? 0,
        };
        demandEqual(
          actual,
          wanted,
          `stream "${stream.name}" yields ${JSON.stringify(actual)} instead of ${JSON.stringify(wanted)}`,
        );
      }
      demand(mostPages > 1, 'no stream of the scenario has two pages, so nothing shows that it can be resumed');
    },
  },
  {
    title: 'yields records of the declared kinds in which every field is what the contract says',
    run: async ({ provider, context }) => {
      for (const stream of provider.streams) {
        for (const record of (await pagesOf(stream, context())).flatMap((page) => page.records)) {
          demand(
            stream.kinds.includes(record.kind),
            `stream "${stream.name}" yields a ${record.kind}, which it does not declare`,
          );
          const wrong = wrongWith(record);
          demand(wrong === null, `in stream "${stream.name}" ${wrong}`);
        }
      }
    },
  },
  {
    title: 'says of what is gone what it was, of a kind that the stream declares, and as what it lives on',
    run: async ({ provider, context }) => {
      for (const stream of provider.streams) {
        for (const { kind, remoteId, tombstone, intoRemoteId, at } of (await pagesOf(stream, context())).flatMap(
          (page) => page.gone ?? [],
        )) {
          const where = `stream "${stream.name}" says that a record is gone`;
          demand(stream.kinds.includes(kind), `${where}, of the kind ${kind} that it does not declare`);
          demand(typeof remoteId === 'string' && remoteId !== '', `${where}, and not which`);
          demand(TOMBSTONES.includes(tombstone), `${where}, and for no reason that there is`);
          demand(
            (tombstone === 'merged') === (intoRemoteId !== null),
            `${where} as merged and not into what, or the other way round`,
          );
          demand(at === null || !Number.isNaN(at.getTime()), `${where} since a moment that is none`);
        }
      }
    },
  },
  {
    title: 'yields the same page again for the same cursor',
    run: async ({ provider, context }) => {
      for (const stream of provider.streams) {
        const first = await pagesOf(stream, context());
        for (const cursor of cursorsOf(first)) {
          const [once] = await pagesOf(stream, context(), cursor);
          const [again] = await pagesOf(stream, context(), cursor);
          demandEqual(again, once, `stream "${stream.name}" yields another page for the same cursor`);
        }
      }
    },
  },
  {
    title: 'has cursors that are plain JSON',
    run: async ({ provider, context }) => {
      for (const stream of provider.streams) {
        for (const page of await pagesOf(stream, context())) {
          demand(isJson(page.next), `a cursor of stream "${stream.name}" does not survive JSON`);
        }
      }
    },
  },
  {
    title: 'resumes at every cursor, read back from JSON, with exactly the rest',
    run: async ({ provider, context }) => {
      for (const stream of provider.streams) {
        const all = await pagesOf(stream, context());
        for (const [index, { next }] of all.slice(0, -1).entries()) {
          const rest = await pagesOf(stream, context(), JSON.parse(JSON.stringify(next)) as Cursor);
          demandEqual(
            rest,
            all.slice(index + 1),
            `stream "${stream.name}", resumed after page ${index + 1}, does not yield the rest`,
          );
        }
      }
    },
  },
  {
    title: 'takes a cursor that is not its own for an expired one and never starts over by itself',
    run: async ({ provider, context }) => {
      for (const stream of provider.streams) {
        for (const cursor of [{ nonsense: true }, 'nonsense', 7] satisfies Cursor[]) {
          const work = context();
          const fault = await faultFrom(
            () => pagesOf(stream, work, cursor),
            `stream "${stream.name}" with a cursor that is not its own`,
          );
          demand(
            fault.code === 'cursor-expired',
            `stream "${stream.name}" calls a cursor that is not its own ${fault.code}`,
          );
          demand(work.sent.length === 0, `stream "${stream.name}" sends requests for a cursor that is not its own`);
        }
      }
    },
  },
  {
    title: 'reads an account in which there is nothing',
    run: async ({ provider, scenario, context }) => {
      for (const stream of provider.streams) {
        const pages = await pagesOf(stream, context(respondFrom(scenario.empty)));
        demand(pages.at(-1)?.next === null, `stream "${stream.name}" of an empty account has no last page`);
        demand(
          pages.every((page) => page.records.length + page.rejected.length === 0),
          `stream "${stream.name}" finds something in an empty account`,
        );
      }
    },
  },
  {
    title: "calls a word that it does not know 'unknown' and keeps the record",
    run: async ({ provider, scenario, context }) => {
      demand(scenario.unknownWords.length > 0, 'the scenario has no word that nobody knows');
      for (const { stream: name, field, account } of scenario.unknownWords) {
        const stream = provider.streams.find((candidate) => candidate.name === name);
        demand(stream !== undefined, `the scenario speaks of a stream "${name}" that does not exist`);
        const pages = await pagesOf(stream, context(respondFrom(account)));
        const values = pages
          .flatMap((page) => page.records)
          .map((record) => (record as unknown as Record<string, unknown>)[field]);
        demand(values.includes('unknown'), `stream "${name}" does not turn a new word in ${field} into 'unknown'`);
      }
    },
  },
  {
    title: 'asks nobody but its own API',
    run: async ({ provider, context }) => {
      for (const stream of provider.streams) {
        const work = context();
        // A request elsewhere ends in a fault; what counts is that it was tried.
        await pagesOf(stream, work).catch(() => undefined);
        const own = new URL(provider.apiUrl(work.config)).origin;
        const stranger = work.sent.find(({ url }) => url.origin !== own);
        demand(stranger === undefined, `stream "${stream.name}" asks ${stranger?.url.origin}`);
      }
    },
  },
  {
    title: 'stops within a page when it is told to',
    run: async ({ provider, context }) => {
      for (const stream of provider.streams) {
        const stop = new AbortController();
        const work = context(undefined, stop.signal);
        const pages = stream.pages(work, wholeOf(stream), null)[Symbol.asyncIterator]();
        const first = await pages.next();
        if (first.done === true || first.value.next === null) continue;
        const before = work.sent.length;
        stop.abort();
        const after = await pages.next().catch(() => null);
        demand(
          after === null || after.done === true,
          `stream "${stream.name}" yields another page after it was stopped`,
        );
        demand(work.sent.length === before, `stream "${stream.name}" sends another request after it was stopped`);
      }
    },
  },
];

function cursorsOf(pages: readonly ProviderPage[]): readonly (Cursor | null)[] {
  return [null, ...pages.flatMap((page) => (page.next === null ? [] : [page.next]))];
}

function countKinds(pages: readonly ProviderPage[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of pages.flatMap((page) => page.records)) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

function sum(pages: readonly ProviderPage[], what: 'rejected' | 'withheld'): number {
  return pages.reduce((total, page) => total + page[what].length, 0);
}
