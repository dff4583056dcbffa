/** What goes wrong with a matching request. */
export type Fault =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'html'; readonly status: number }
  | { readonly kind: 'truncated-json' }
  | { readonly kind: 'malformed-json' }
  | { readonly kind: 'nulls'; readonly rows: number }
  | { readonly kind: 'duplicate-page' }
  | { readonly kind: 'empty-reply' }
  | { readonly kind: 'reset' }
  /** What was asked for is done, and nobody learns of it. */
  | { readonly kind: 'answer-lost' }
  /** What was asked for is done, and the answer says something else. */
  | { readonly kind: 'status-after'; readonly status: number; readonly body?: string }
  /** What was asked for is done at once, and the answer comes late. */
  | { readonly kind: 'slow-answer'; readonly ms: number }
  /** The connection is closed at once, and what was asked for is done afterwards. */
  | { readonly kind: 'applied-late'; readonly ms: number }
  | { readonly kind: 'stall' }
  | { readonly kind: 'endless' }
  | { readonly kind: 'slow-drip'; readonly bytesPerSecond: number }
  | { readonly kind: 'cursor-expired' }
  | { readonly kind: 'redirect'; readonly status: number; readonly location: string }
  | { readonly kind: 'extra-fields' }
  | { readonly kind: 'latency'; readonly ms: number; readonly jitterMs?: number }
  /** The file has this many bytes, generated as they are sent. */
  | { readonly kind: 'huge-file'; readonly bytes: number };

export interface FaultRule {
  readonly match: {
    readonly method?: string;
    /** A prefix of the path below the API's mount, or `/regex/`. */
    readonly path?: string;
    /** Only from the nth matching request on (1 is the first). */
    readonly nth?: number;
  };
  readonly fault: Fault;
  /** How often it strikes; absent: until it is cleared. */
  readonly times?: number;
}

export type StrikingRules = 'all' | 'named';

interface ActiveRule {
  readonly rule: FaultRule;
  seen: number;
  struck: number;
}

/** The faults of one account, in the order in which they were asked for. */
export class FaultPlan {
  #rules: ActiveRule[] = [];

  add(rules: readonly FaultRule[]): void {
    for (const rule of rules) this.#rules.push({ rule, seen: 0, struck: 0 });
  }

  clear(): void {
    this.#rules = [];
  }

  list(): readonly FaultRule[] {
    return this.#rules.map(({ rule }) => rule);
  }

  /**
   * The fault for this request, counting it; undefined when all is well. `named`: rules that name no path do not count
   * and do not strike.
   */
  strike(method: string, path: string, which: StrikingRules = 'all'): Fault | undefined {
    for (const active of this.#rules) {
      const { match, fault, times } = active.rule;
      if (match.method !== undefined && match.method !== method) continue;
      if (match.path === undefined ? which === 'named' : !matchesPath(match.path, path)) continue;
      active.seen += 1;
      if (active.seen < (match.nth ?? 1)) continue;
      if (times !== undefined && active.struck >= times) continue;
      active.struck += 1;
      return fault;
    }
    return undefined;
  }
}

function matchesPath(pattern: string, path: string): boolean {
  const regex = /^\/(.*)\/$/.exec(pattern);
  if (regex !== null && /[\\^$*+?()[\]|]/.test(regex[1] ?? '')) return new RegExp(regex[1] ?? '').test(path);
  return path.startsWith(pattern);
}
