import type { CandidateRecord } from '../contract/records.js';
import { FieldChangeHistory } from '../field-changes/field-change-history.js';
import type { FieldChangeView } from '../field-changes/field-change-history.js';
import { FieldChanges } from '../field-changes/field-changes.js';
import { FieldProcessor } from '../field-changes/field-processor.js';
import { aCandidate, aJob, anApplication } from './records.js';
import { RunningAts } from './running-ats.js';
import { LISTED_TOGETHER, ScriptedAts } from './scripted-ats.js';
import { ScriptedFields } from './scripted-fields.js';

const bidirectional = (field: string, label: string) => ({ field, label, direction: 'bidirectional' }) as const;

/** A running library with candidates `c1`, `c2`, …, whose fields the scripted ATS takes. */
export class EditingAts {
  readonly fields = new ScriptedFields();
  readonly script: ScriptedAts;
  connection = '';
  workspace = '';
  #ats: RunningAts | null = null;

  constructor() {
    const scripted = new ScriptedAts(LISTED_TOGETHER).provider;
    this.script = new ScriptedAts(LISTED_TOGETHER, {
      fieldChanges: this.fields.capability,
      manifest: {
        ...scripted.manifest,
        fields: {
          candidate: [
            bidirectional('firstName', 'First name'),
            bidirectional('lastName', 'Last name'),
            bidirectional('emails', 'E-mail addresses'),
            bidirectional('phones', 'Phone numbers'),
            bidirectional('headline', 'Job title'),
            bidirectional('customFields', 'Custom fields'),
            { field: 'name', label: 'Name', direction: 'read-only' },
            { field: 'customFields.score', label: 'Score', direction: 'read-only' },
            { field: 'links', label: 'Links', direction: 'read-only' },
          ],
        },
      },
    });
  }

  async start(): Promise<void> {
    this.#ats = await RunningAts.start({ provider: this.script.provider });
  }

  get ats(): RunningAts {
    if (this.#ats === null) throw new Error('It is not started.');
    return this.#ats;
  }

  stop(): Promise<void> {
    return this.ats.stop();
  }

  /** A connection of its own with so many candidates; nothing of an earlier one is left in the ATS. */
  async fill(count: number, settings: object = {}): Promise<void> {
    const { fields, script, ats } = this;
    fields.sent.length = fields.effects.length = 0;
    fields.people.clear();
    fields.onSend = (apply) => apply();
    fields.beforeRead = () => undefined;
    fields.keep = (changes) => changes;
    fields.tellsWhen = true;
    fields.scopes = [];
    script.scripts.set('jobs', [{ records: [aJob('j1')] }]);
    this.workspace = `w-${Math.random().toString(36).slice(2)}`;
    this.connection = await ats.connect({ workspaceId: this.workspace, settings });
    for (let at = 1; at <= count; at += 1) {
      const person = aCandidate(`c${at}`, {
        firstName: 'Zoë',
        lastName: 'Neil',
        name: 'Zoë Neil',
        headline: 'Weaver',
        emails: [{ value: `zoe${at}@old.example`, type: 'work' }],
        customFields: {
          team: { name: 'Team', type: 'short_text', value: 'Red' },
          notice: { name: 'Notice period', type: 'number', value: 30 },
        },
      });
      fields.people.set(person.remoteId, person);
    }
    await this.page([...fields.people.keys()]);
  }

  /** A sync that brings these people as the ATS has them now, or as it had them. */
  async page(people: readonly (string | CandidateRecord)[]): Promise<void> {
    const records = people.flatMap((given) => {
      const record = typeof given === 'string' ? this.fields.people.get(given) : given;
      if (record === undefined) throw new Error('There is no such candidate.');
      return [record, anApplication(record.remoteId.replace('c', 'a'))];
    });
    this.script.scripts.set('opportunities', [{ records }]);
    const run = await this.ats.sync(this.connection, 'resync');
    if (run.status !== 'completed') throw new Error(`The sync ended as ${run.status}: ${run.fault_message ?? ''}`);
  }

  id(remoteId: string): Promise<string> {
    return this.ats.database.value(`select id from ats.candidates where connection_id = $1 and remote_id = $2`, [
      this.connection,
      remoteId,
    ]);
  }

  /** As a host: asks for the edit and writes its own row, in one transaction. Returns the id of the change. */
  async edit(remoteId: string, changes: Readonly<Record<string, unknown>>): Promise<string> {
    const candidateId = await this.id(remoteId);
    const { workspace: workspaceId } = this;
    return this.ats.database.em().transactional(async (em) => {
      const actor = { userId: 'ann', email: 'ann@elly.example' };
      const { id } = await this.ats.get(FieldChanges).request({ workspaceId, candidateId, changes, actor }, em);
      const own = Object.entries(changes).filter(([field]) => !field.includes('.'));
      await em
        .getConnection()
        .execute(
          `update host.candidates set record = record || ?::jsonb where id = ?`,
          [JSON.stringify(Object.fromEntries(own)), candidateId],
          'run',
          em.getTransactionContext(),
        );
      return id;
    });
  }

  /** Works the candidate off as a worker would, as often as they want to be looked at; every wait is over. */
  async work(remoteId: string, looks = 12): Promise<void> {
    const id = await this.id(remoteId);
    for (let look = 0; look < looks; look += 1) {
      await this.ats.get(FieldProcessor).process(id);
      if (!(await this.isOpen(remoteId))) return;
      await this.later(remoteId);
    }
  }

  /** All waits and leases of the candidate are over, and an hour has passed since their last attempt. */
  async later(remoteId: string): Promise<void> {
    const id = await this.id(remoteId);
    await this.ats.database.rows(
      `update ats.field_changes set not_before = null, lease_until = null where candidate_id = $1 and status = 'sending'`,
      [id],
    );
    await this.ats.database.rows(
      `update ats.field_change_attempts t set begun_at = begun_at - interval '1 hour' from ats.field_changes s
       where s.id = t.change_id and s.candidate_id = $1 and t.outcome is null`,
      [id],
    );
  }

  async isOpen(remoteId: string): Promise<boolean> {
    return this.ats.database.value(
      `select exists (select 1 from ats.field_changes where candidate_id = $1 and status in ('pending', 'sending'))`,
      [await this.id(remoteId)],
    );
  }

  async change(id: string): Promise<FieldChangeView> {
    const all = await this.ats.get(FieldChangeHistory).list(this.workspace, this.connection, { limit: 200 });
    const found = all.find((one) => one.id === id);
    if (found === undefined) throw new Error('There is no such change.');
    return found;
  }

  /** As the host shows them. */
  async hosted(remoteId: string): Promise<CandidateRecord> {
    return this.ats.database.value(`select record from host.candidates where id = $1`, [await this.id(remoteId)]);
  }

  /** Corrections that the host was given, newest last. */
  corrections(): { readonly message: string; readonly fields: readonly string[] }[] {
    return this.ats.pipeline.batches
      .filter(({ connectionId }) => connectionId === this.connection)
      .flatMap(({ candidates }) => candidates.flatMap(({ correction }) => correction ?? []));
  }

  async events(): Promise<{ type: string; own?: readonly string[]; kind?: string; updated?: readonly string[] }[]> {
    const rows = await this.ats.database.rows<{ body: { type: string } }>(
      `select body from ats.outbox_events where connection_id = $1 order by id`,
      [this.connection],
    );
    return rows.map(({ body }) => body);
  }
}
