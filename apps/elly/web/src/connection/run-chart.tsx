import type { SyncRun } from '../api/ats-schemas.js';
import { duration } from '../words/time.js';
import classes from './run-chart.module.css';
import { RUN_WORDS, tookMs } from './run-words.js';

const SHOWN = 30;
const HEIGHT = 48;

/** How long the last runs took, oldest on the left; the table below says the same in numbers. */
export function RunChart({ runs }: { readonly runs: readonly SyncRun[] }) {
  const ended = runs
    .filter(({ finishedAt, startedAt }) => finishedAt !== null && startedAt !== null)
    .slice(0, SHOWN)
    .toReversed()
    .map((run) => ({ run, took: tookMs(run, 0) ?? 0 }));
  if (ended.length < 3) return null;
  const longest = Math.max(...ended.map(({ took }) => took), 1);
  return (
    <svg
      className={classes.chart}
      viewBox={`0 0 ${SHOWN * 10} ${HEIGHT}`}
      role="img"
      aria-label={`Duration of the last ${ended.length} syncs; the longest took ${duration(longest)}`}
    >
      {ended.map(({ run, took }, index) => {
        const height = Math.max(2, (took / longest) * HEIGHT);
        return (
          <rect
            key={run.id}
            className={run.status === 'failed' ? classes.failed : classes.bar}
            x={index * 10}
            y={HEIGHT - height}
            width={7}
            height={height}
            rx={1.5}
          >
            <title>{`${RUN_WORDS[run.kind]}: ${duration(took)}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}
