import type { CandidateState, FieldChangeCapability, FieldChanges } from '../contract/field-change.js';
import type { CandidateRecord } from '../contract/records.js';

export interface SentFields {
  readonly remoteId: string;
  readonly changes: FieldChanges;
}

/** The side of a scripted ATS that keeps people's fields: every request and every effect written down. */
export class ScriptedFields {
  readonly people = new Map<string, CandidateRecord>();
  /** Requests that arrived. */
  readonly sent: SentFields[] = [];
  /** What they did. */
  readonly effects: SentFields[] = [];
  scopes: readonly string[] = [];
  /** Called for each request: `apply` does what it asks for; what is thrown is the answer. */
  onSend: (apply: () => void, sent: SentFields) => Promise<void> | void = (apply) => apply();
  /** Called before each read; what it throws is what the ATS did. */
  beforeRead: (remoteId: string) => Promise<void> | void = () => undefined;
  /** How the ATS keeps what it was given. */
  keep: (changes: FieldChanges) => FieldChanges = (changes) => changes;
  /** Whether it says when somebody last changed. */
  tellsWhen = true;
  readonly capability: FieldChangeCapability<unknown>;

  constructor() {
    const fields = (): ScriptedFields => this;
    this.capability = {
      get scopes() {
        return fields().scopes;
      },
      read: (_, remoteId) => this.#read(remoteId),
      write: (_, remoteId, current, changes) => this.#write(remoteId, current, changes),
    };
  }

  /** Somebody changes this in the ATS. */
  put(remoteId: string, changes: Partial<CandidateRecord>): void {
    const present = this.people.get(remoteId);
    if (present === undefined) throw new Error(`There is no candidate ${remoteId}.`);
    this.people.set(remoteId, { ...present, updatedAt: this.tellsWhen ? new Date() : null, ...changes });
  }

  effectsOn(remoteId: string): FieldChanges[] {
    return this.effects.filter((effect) => effect.remoteId === remoteId).map(({ changes }) => changes);
  }

  async #read(remoteId: string): Promise<CandidateState | null> {
    await this.beforeRead(remoteId);
    const record = this.people.get(remoteId);
    return record === undefined ? null : { record, guard: null };
  }

  async #write(remoteId: string, current: CandidateState, changes: FieldChanges): Promise<void> {
    const sent = { remoteId, changes };
    this.sent.push(sent);
    await this.onSend(() => {
      this.effects.push(sent);
      this.put(remoteId, this.#applied(current.record, this.keep(changes)));
    }, sent);
  }

  /** As some ATSs do: a list of custom fields is replaced as a whole, from what was read before. */
  #applied({ customFields }: CandidateRecord, changes: FieldChanges): Partial<CandidateRecord> {
    const common = Object.entries(changes).filter(([field]) => !field.startsWith('customFields.'));
    const custom = Object.entries(changes).flatMap(([field, value]) => {
      const key = /^customFields\.(.+)$/.exec(field)?.[1];
      return key === undefined ? [] : [[key, { name: key, type: 'short_text', ...customFields[key], value }]];
    });
    const changed = Object.fromEntries(custom) as CandidateRecord['customFields'];
    const lists = custom.length === 0 ? {} : { customFields: { ...customFields, ...changed } };
    return { ...(Object.fromEntries(common) as Partial<CandidateRecord>), ...lists };
  }
}
