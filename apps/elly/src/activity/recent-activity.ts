import type { DomainEvent } from '@elly/ats-integration';
import { Injectable } from '@nestjs/common';

const KEPT_PER_WORKSPACE = 200;
const KEPT_WORKSPACES = 500;

/** The last things that happened, for a person to look at: in memory, bounded, gone with the process. */
@Injectable()
export class RecentActivity {
  readonly #byWorkspace = new Map<string, Map<string, DomainEvent>>();

  /** Events are delivered at least once: one that is here already changes nothing. @returns those that are new. */
  add(events: readonly DomainEvent[]): readonly DomainEvent[] {
    return events.filter((event) => {
      const kept = this.#of(event.workspaceId);
      if (kept.has(event.id)) return false;
      kept.set(event.id, event);
      dropOldest(kept, KEPT_PER_WORKSPACE);
      return true;
    });
  }

  /** Newest first. */
  of(workspaceId: string, limit: number): readonly DomainEvent[] {
    return [...(this.#byWorkspace.get(workspaceId)?.values() ?? [])].toReversed().slice(0, limit);
  }

  #of(workspaceId: string): Map<string, DomainEvent> {
    const kept = this.#byWorkspace.get(workspaceId) ?? new Map<string, DomainEvent>();
    this.#byWorkspace.delete(workspaceId);
    this.#byWorkspace.set(workspaceId, kept);
    dropOldest(this.#byWorkspace, KEPT_WORKSPACES);
    return kept;
  }
}

/** A Map remembers the order of insertion. */
function dropOldest(map: Map<string, unknown>, keep: number): void {
  for (const key of map.keys()) {
    if (map.size <= keep) return;
    map.delete(key);
  }
}
