import { MultiBar, Presets } from 'cli-progress';
import type { SingleBar } from 'cli-progress';
import type { Details, Run } from './elly-client.js';
import type { Changes, Effect, VisibleCounts } from './sandbox-client.js';

export interface StageCount {
  readonly name: string;
  readonly applications: number;
}

type Look = (run: Run) => void;

const WIDTH = 22;

/** Tells the story on a terminal; silent when its output is to be one JSON document. */
export class Narrator {
  #resumeBar: SingleBar | null = null;
  #bars: MultiBar | null = null;
  #resumesBegun = 0;

  constructor(
    private readonly print: (line: string) => void,
    private readonly quiet: boolean,
  ) {}

  chapter(title: string): void {
    this.say('');
    this.say(title);
    this.say('─'.repeat(Math.min(title.length, 78)));
  }

  say(line: string): void {
    if (!this.quiet) this.print(line);
  }

  /** Bars for each record kind while the run goes on. */
  async watch(runId: string, visible: VisibleCounts, waiting: (look: Look) => Promise<Run>): Promise<Run> {
    if (this.quiet) return waiting(() => undefined);
    this.say(`Initial sync ${runId}`);
    const bars = new MultiBar(
      {
        format: `  {kind} {bar} {percentage}% {value}/{total}  {remaining}`,
        hideCursor: true,
        clearOnComplete: false,
        noTTYOutput: true,
        notTTYSchedule: 5000,
      },
      Presets.shades_classic,
    );
    const totals: Record<string, number> = {
      job: visible.jobs,
      stage: visible.stages,
      application: visible.applications,
      candidate: visible.candidates,
    };
    const byKind = new Map(
      Object.entries(totals).map(([kind, total]) => [
        kind,
        bars.create(Math.max(total, 1), 0, { kind: kind.padEnd(WIDTH - 8), remaining: '' }),
      ]),
    );
    const begun = Date.now();
    try {
      const run = await waiting((look) => {
        for (const [kind, bar] of byKind) {
          const total = totals[kind] ?? 0;
          const value = Math.min(look.counts[kind]?.seen ?? 0, total);
          bar.update(value, { remaining: remaining(begun, value, total) });
        }
      });
      for (const [kind, bar] of byKind) bar.update(Math.max(totals[kind] ?? 0, 1), { remaining: 'done' });
      return run;
    } finally {
      bars.stop();
    }
  }

  resumes(stored: number, pending: number): void {
    if (this.quiet) return;
    if (pending > 0 && this.#bars === null) {
      this.#bars = new MultiBar(
        {
          format: '  {kind} {bar} {percentage}% {value}/{total}  {remaining}',
          hideCursor: true,
          noTTYOutput: true,
          notTTYSchedule: 5000,
        },
        Presets.shades_classic,
      );
      this.#resumeBar = this.#bars.create(stored + pending, stored, {
        kind: 'résumés'.padEnd(WIDTH - 8),
        remaining: '',
      });
      this.#resumesBegun = Date.now();
    }
    this.#resumeBar?.setTotal(stored + pending);
    this.#resumeBar?.update(stored, {
      remaining: pending === 0 ? 'done' : remaining(this.#resumesBegun, stored, stored + pending),
    });
    if (pending > 0) return;
    this.#bars?.stop();
    this.#bars = null;
    this.#resumeBar = null;
  }

  imported(details: Details, visible: VisibleCounts, skipped: Readonly<Record<string, number>>): void {
    const { records } = details;
    const { inScope } = visible;
    this.#table(
      ['', 'imported', 'of open jobs', 'in the ATS'],
      [
        ['jobs', records.jobs, '', visible.jobs],
        ['stages', records.stages, '', visible.stages],
        ['candidates', records.candidates, inScope.candidates, visible.candidates],
        ['applications', records.applications, inScope.applications, visible.applications],
        ['résumés', records.resumes, inScope.resumes, visible.resumes],
      ],
    );
    this.say('Left out, and why:');
    for (const [reason, count] of Object.entries(skipped))
      this.say(`  ${reason.padEnd(30)}${String(count).padStart(8)}`);
    if (details.quarantined > 0) this.say(`  not understood (quarantined)  ${String(details.quarantined).padStart(8)}`);
    if (Object.keys(skipped).length === 0) this.say('  nothing');
  }

  made(changes: Changes): void {
    this.say('');
    this.say('Somebody works in the ATS:');
    for (const { op, kind, id, detail } of changes.operations)
      this.say(`  ${op.padEnd(18)} ${kind} ${id} ${brief(detail)}`);
  }

  seen(seen: Readonly<Record<string, number>>, brought: Readonly<Record<string, number>>): void {
    this.say('Seen in Elly after the incremental sync:');
    for (const [what, count] of Object.entries(seen)) this.say(`  ${what.padEnd(WIDTH)}${String(count).padStart(6)}`);
    const rows = Object.entries(brought).map(([what, count]) => `${count} ${what}`);
    this.say(`  (${rows.length === 0 ? 'nothing was written' : rows.join(', ')})`);
  }

  /** A move that somebody made in Elly, and what became of it in the ATS. */
  sent(stage: string, status: string, reason: string | null): void {
    this.say(`  to ${stage.padEnd(WIDTH - 4)} ${status}${reason === null ? '' : `: ${reason}`}`);
  }

  /** Everything that the ATS was asked to write. */
  ledger(effects: readonly Effect[]): void {
    this.say("The ATS's ledger of what Elly wrote:");
    for (const { route, record, times } of effects)
      this.say(`  ${route.padEnd(44)} ${String(record).padEnd(38)} ${times === 1 ? 'once' : `${times} times`}`);
  }

  pipeline(stages: readonly StageCount[]): void {
    this.chapter("Elly's pipeline");
    const most = Math.max(1, ...stages.map(({ applications }) => applications));
    for (const { name, applications } of stages) {
      this.say(
        `  ${name.padEnd(12)}${String(applications).padStart(7)}  ${'█'.repeat(Math.round((applications / most) * 40))}`,
      );
    }
  }

  #table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
    const line = (cells: readonly (string | number)[]) =>
      `  ${cells.map((cell, column) => (column === 0 ? String(cell).padEnd(WIDTH) : String(cell).padStart(14))).join('')}`;
    this.say(line(head));
    for (const row of rows) this.say(line(row));
  }
}

/** Time left at the pace so far. */
function remaining(begun: number, value: number, total: number): string {
  if (value === 0 || value >= total) return value >= total ? 'done' : 'ETA …';
  const seconds = Math.ceil(((Date.now() - begun) / 1000 / value) * (total - value));
  return seconds < 90 ? `ETA ${seconds} s` : `ETA ${Math.ceil(seconds / 60)} min`;
}

function brief(detail: Readonly<Record<string, unknown>>): string {
  return Object.entries(detail)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ')
    .slice(0, 70);
}
