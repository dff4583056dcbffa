import { OutboundProcessor } from '../outbound/outbound-processor.js';
import { StageChanges } from '../outbound/stage-changes.js';
import type { StageChangeRequest } from '../outbound/stage-changes.js';
import type { ApplicationRecord, ProviderRecord } from '../contract/records.js';
import { StageMapper } from '../sync/stage-mapper.js';
import { aCandidate, aJob, aStage, aUser, anApplication } from './records.js';
import { RunningAts } from './running-ats.js';
import { LISTED_TOGETHER, ScriptedAts } from './scripted-ats.js';
import { ScriptedMoves } from './scripted-moves.js';

export interface ChangeRow {
  readonly id: string;
  readonly status: string;
  readonly reason_code: string | null;
  readonly reason: string | null;
}

export const STAGES = [
  aStage('s1', { name: 'Applied', position: 1 }),
  aStage('s2', { name: 'Phone screen', position: 2 }),
  aStage('s3', { name: 'Offer', position: 3 }),
];

/** A running library with applications `a1`, `a2`, … at the ATS's first stage, whose stages are mapped and confirmed. */
export class MovingAts {
  readonly moves = new ScriptedMoves();
  readonly script: ScriptedAts;
  connection = '';
  workspace = '';
  #ats: RunningAts | null = null;

  constructor() {
    this.script = new ScriptedAts([...LISTED_TOGETHER, { name: 'users', kinds: ['user'] }], {
      stageChanges: this.moves.capability,
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

  /** A connection of its own with so many applications, all mappings confirmed. */
  async fill(count: number, settings: object = {}): Promise<void> {
    const { moves, script, ats } = this;
    moves.sent.length = moves.effects.length = 0;
    moves.places.clear();
    moves.onSend = (apply) => apply();
    moves.beforeRead = () => undefined;
    Object.assign(moves, {
      reasonList: [],
      scopes: {},
      actsAs: 'token',
      moves: ['stage', 'reject', 'unreject', 'hire'],
    });
    script.scripts.set('users', [{ records: [aUser('u1', { email: 'Ann@elly.example' }), aUser('u9')] }]);
    script.scripts.set('jobs', [{ records: [aJob('j1')] }]);
    script.scripts.set('stages', [{ records: STAGES }]);
    this.workspace = `w-${Math.random().toString(36).slice(2)}`;
    this.connection = await ats.connect({ workspaceId: this.workspace, settings });
    const people = Array.from({ length: count }, (_, at) => `a${at + 1}`);
    for (const id of people) moves.put(id, { stageRemoteId: 's1', updatedAt: new Date('2026-03-01T12:00:00Z') });
    await this.page(people.flatMap((id) => [aCandidate(id.replace('a', 'c')), this.shown(id)]));
    await this.confirm({ s1: 'applied', s2: 'screen', s3: 'offer' });
  }

  /** The application as a listing of the ATS shows it now. */
  shown(remoteId: string, changes: Partial<ApplicationRecord> = {}): ApplicationRecord {
    const place = this.moves.places.get(remoteId);
    if (place === undefined) throw new Error(`There is no application ${remoteId}.`);
    const { stageRemoteId, status, updatedAt } = place;
    const stageName = stageRemoteId === null ? null : `Stage ${stageRemoteId}`;
    return anApplication(remoteId, { stageRemoteId, stageName, status, updatedAt, ...changes });
  }

  /** A sync that brings exactly this. */
  async page(records: readonly ProviderRecord[]): Promise<void> {
    this.script.scripts.set('opportunities', [{ records }]);
    const run = await this.ats.sync(this.connection, 'resync');
    if (run.status !== 'completed') throw new Error(`The sync ended as ${run.status}: ${run.fault_message ?? ''}`);
  }

  async confirm(stages: Readonly<Record<string, string>>): Promise<void> {
    const choices = Object.entries(stages).map(([stage, hostStageId]) => ({ key: `id:${stage}`, hostStageId }));
    await this.ats.get(StageMapper).confirm(this.workspace, this.connection, 'ann', choices);
  }

  id(remoteId: string): Promise<string> {
    return this.ats.database.value(`select id from ats.applications where connection_id = $1 and remote_id = $2`, [
      this.connection,
      remoteId,
    ]);
  }

  /** As a host: asks for the move and writes its own row, in one transaction. */
  async move(remoteId: string, toStageId: string, more: Partial<StageChangeRequest> = {}): Promise<string> {
    const applicationId = await this.id(remoteId);
    return this.ats.database.em().transactional(async (em) => {
      const { id } = await this.ats.get(StageChanges).request(
        {
          workspaceId: this.workspace,
          applicationId,
          toStageId,
          actor: { userId: 'ann', email: 'ann@elly.example' },
          ...more,
        },
        em,
      );
      await em
        .getConnection()
        .execute(
          `update host.applications set stage = ? where id = ?`,
          [toStageId, applicationId],
          'run',
          em.getTransactionContext(),
        );
      return id;
    });
  }

  /** Works the application off as a worker would, as often as it wants to be looked at; every wait is over. */
  async work(remoteId: string, looks = 12): Promise<void> {
    const id = await this.id(remoteId);
    for (let look = 0; look < looks; look += 1) {
      await this.ats.get(OutboundProcessor).process(id);
      if (!(await this.isOpen(remoteId))) return;
      await this.later(remoteId);
    }
  }

  /** All waits and leases of the application are over, and an hour has passed since its last attempt. */
  async later(remoteId: string): Promise<void> {
    const id = await this.id(remoteId);
    await this.ats.database.rows(
      `update ats.stage_changes set not_before = null, lease_until = null where application_id = $1 and status = 'sending'`,
      [id],
    );
    await this.ats.database.rows(
      `update ats.stage_change_attempts t set begun_at = begun_at - interval '1 hour' from ats.stage_changes s
       where s.id = t.change_id and s.application_id = $1 and t.outcome is null`,
      [id],
    );
  }

  async isOpen(remoteId: string): Promise<boolean> {
    return this.ats.database.value(
      `select exists (select 1 from ats.stage_changes where application_id = $1 and status in ('pending', 'sending'))`,
      [await this.id(remoteId)],
    );
  }

  async change(id: string): Promise<ChangeRow> {
    const [row] = await this.ats.database.rows<ChangeRow>(
      `select id, status, reason_code, reason from ats.stage_changes where id = $1`,
      [id],
    );
    if (row === undefined) throw new Error('There is no such change.');
    return row;
  }

  /** Where the host has it. */
  async hosted(remoteId: string): Promise<string> {
    return this.ats.database.value(`select stage from host.applications where id = $1`, [await this.id(remoteId)]);
  }

  /** Corrections that the host was given, newest last. */
  corrections(): string[] {
    return this.ats.pipeline.batches
      .filter(({ connectionId }) => connectionId === this.connection)
      .flatMap(({ applications }) => applications.flatMap(({ correction }) => correction?.message ?? []));
  }

  async events(): Promise<{ type: string; own?: readonly string[]; kind?: string }[]> {
    const rows = await this.ats.database.rows<{ body: { type: string } }>(
      `select body from ats.outbox_events where connection_id = $1 order by id`,
      [this.connection],
    );
    return rows.map(({ body }) => body);
  }
}
