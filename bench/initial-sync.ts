import { runAgainstSandbox } from './sandbox-run.ts';
import type { SandboxRun } from './sandbox-run.ts';
import type { Ratio } from './report.ts';

/** So high that it never strikes; "off" would leave out the headers too, and the host then keeps to the published limit. */
const UNLIMITED = { limit: 1_000_000, windowSeconds: 30 };
/** Greenhouse's window three times shorter, so that 80 seconds fit into 27: 3,750 rows a second at most. */
const WINDOW = { limit: 75, windowSeconds: 10 };
const LEVER = { capacity: 20, refillPerSecond: 10 };

/** What V8 has merely not collected yet is no memory that a sync needs: under a heap this small it has to. */
const SMALL_HEAP_MB = 128;

/** The initial sync over HTTP: memory at two sizes with the limit off, and the way to the limit with it on. */
export async function benchInitialSync(wanted: (part: string) => boolean): Promise<Record<string, Ratio[]>> {
  const ratios: Record<string, Ratio[]> = {};
  if (wanted('memory')) {
    const small = await runAgainstSandbox('greenhouse', 10_000, { rateLimit: UNLIMITED }, SMALL_HEAP_MB);
    const large = await runAgainstSandbox('greenhouse', 100_000, { rateLimit: UNLIMITED }, SMALL_HEAP_MB);
    ratios['Initial sync, rate limit off'] = [
      {
        name: 'peak RSS, 100,000 people − 10,000 people (MB)',
        value: large.peakMb - small.peakMb,
        target: 30,
        atMost: true,
        detail: `${large.peakMb.toFixed(0)} MB : ${small.peakMb.toFixed(0)} MB; ${Math.round(large.records / large.seconds).toLocaleString('en')} records/s`,
      },
    ];
  }
  if (wanted('rate')) {
    const greenhouse = await runAgainstSandbox('greenhouse', 30_000, { rateLimit: WINDOW });
    const lever = await runAgainstSandbox('lever', 20_000, { rateLimit: LEVER });
    ratios['Initial sync, rate limit on'] = [
      ...efficiency('Greenhouse', greenhouse, WINDOW.limit / WINDOW.windowSeconds),
      ...efficiency('Lever', lever, LEVER.refillPerSecond),
    ];
  }
  return ratios;
}

function efficiency(name: string, run: SandboxRun, requestsPerSecond: number): Ratio[] {
  const shortest = run.requests / requestsPerSecond;
  return [
    {
      name: `${name}: shortest possible ÷ wall time`,
      value: shortest / run.seconds,
      target: 0.92,
      detail: `${run.requests} requests, ${shortest.toFixed(1)} s : ${run.seconds.toFixed(1)} s`,
    },
    { name: `${name}: requests refused with 429`, value: run.refused, target: 0, atMost: true, detail: '' },
  ];
}
