import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultRule, ProviderId, SimulatedAccount } from '@elly/ats-sandbox';
import { MikroORM } from '@mikro-orm/postgresql';
import { turnWebhooksOn } from '../../apps/demo/src/webhook-setup.js';
import { SandboxClient } from '../../apps/demo/src/sandbox-client.js';
import { TroubledElly } from '../bad-input/troubled-elly.js';
import { byId } from './one-side.js';
import type { Person, Side, Standing } from './one-side.js';

export interface HostStage {
  readonly id: string;
  readonly kind: string;
  readonly position: number;
}

interface Mappings {
  readonly hostStages: readonly HostStage[];
  readonly mappings: readonly {
    readonly key: string;
    readonly hostStageId: string | null;
    readonly status: string;
    readonly jobRemoteId: string | null;
  }[];
}

const WAIT_MS = 60_000;
const LOOK_MS = 25;
/** Deliveries go out when the test says so, and then some get lost, some come twice, some in another order. */
const TROUBLED_WEBHOOKS = { delivery: 'manual', lost: 0.25, duplicated: 0.3, reordered: 0.4 };

/** Elly and one simulated ATS, each with people who move the same candidates. */
export class BothSides {
  private constructor(
    private readonly elly: TroubledElly,
    readonly account: SimulatedAccount,
    readonly connection: string,
    readonly stages: readonly HostStage[],
  ) {}

  static async connect(elly: TroubledElly, provider: ProviderId, people: number): Promise<BothSides> {
    if (provider === 'greenhouse') elly.askFor(provider, ['stage-changes', 'field-changes']);
    const account = elly.account(provider, people);
    account.setKnobs({ webhooks: { ...TROUBLED_WEBHOOKS, seed: 7 } });
    const { connection, message } = await elly.connectApart(account);
    if (connection === null) throw new Error(message ?? 'The connect came to nothing.');
    await elly.lastRun(connection);
    await turnWebhooksOn(provider, account.id, connection, elly.client, new SandboxClient(elly.sandboxUrl));
    const path = `/api/ats/connections/${connection}/stage-mappings`;
    const { hostStages, mappings } = await elly.client.get<Mappings>(path);
    const suggested = mappings.flatMap(({ key, hostStageId, jobRemoteId }) =>
      hostStageId === null ? [] : [{ key, hostStageId, jobRemoteId }],
    );
    await elly.client.send('PUT', path, { mappings: suggested });
    const used = new Set(suggested.map(({ hostStageId }) => hostStageId));
    const stages = hostStages.filter(({ id, kind }) => used.has(id) || ['rejected', 'hired'].includes(kind));
    return new BothSides(elly, account, connection, stages);
  }

  /**
   * A recruiter moves the nth application that lives; true when Elly took it. What it refuses (somebody hired) it says.
   * `trouble` strikes the next request that writes to that one in the ATS.
   */
  async moveInElly(nth: number, toStage: HostStage, trouble: FaultRule['fault'] | null): Promise<boolean> {
    const applications = await this.#rows<{ id: string; remote: string }>(
      `select a.id, r.remote_id as remote from elly.applications a join ats.applications r on r.id = a.ats_record_id
       where r.connection_id = ? and r.tombstone is null and r.status <> 'hired' and a.stage_id <> ? order by r.remote_id`,
      [this.connection, toStage.id],
    );
    const application = applications[nth % Math.max(1, applications.length)];
    return application === undefined ? false : this.#move(application, toStage, trouble);
  }

  /**
   * A recruiter gives the nth living person another headline; true when Elly took it. `trouble` strikes the next request
   * that writes that person in the ATS.
   */
  async editInElly(nth: number, headline: string, trouble: FaultRule['fault'] | null): Promise<boolean> {
    const people = await this.#rows<{ id: string; remote: string }>(
      `select c.id, r.remote_id as remote from elly.candidates c join ats.candidates r on r.id = c.ats_record_id
       where r.connection_id = ? and r.tombstone is null and not c.anonymised order by r.remote_id`,
      [this.connection],
    );
    const person = people[nth % Math.max(1, people.length)];
    if (person === undefined) return false;
    if (trouble !== null) {
      const path = `/\\/(candidates|contacts)\\/${person.remote}$/`;
      const method = this.account.provider === 'lever' ? 'PUT' : 'PATCH';
      this.account.faults.add([{ match: { method, path }, fault: trouble, times: 1 }]);
    }
    return this.#taken(this.elly.client.send('PATCH', `/api/candidates/${person.id}`, { headline }));
  }

  /** Moves this one; resolves when the move is confirmed or refused. Returns what the ATS wrote for it. */
  async moveToTheEnd(remote: string, toStage: HostStage, trouble: FaultRule['fault']): Promise<readonly string[]> {
    const before = this.account.writes.list().length;
    const [application] = await this.#rows<{ id: string; remote: string }>(
      `select a.id, r.remote_id as remote from elly.applications a join ats.applications r on r.id = a.ats_record_id
       where r.connection_id = ? and r.remote_id = ?`,
      [this.connection, remote],
    );
    if (application === undefined || !(await this.#move(application, toStage, trouble)))
      throw new Error(`${remote} could not be moved.`);
    await this.until(async () => (await this.openMoves()) === 0, 'moves were not settled');
    this.account.faults.clear();
    const writes = this.account.writes.list().slice(before);
    return writes.map(({ route, record, value }) => JSON.stringify([route, record, value]));
  }

  /** Somebody who applied and has not been moved yet. */
  async somebodyAtTheBeginning(): Promise<string> {
    const [row] = await this.#rows<{ remote: string }>(
      `select r.remote_id as remote from ats.applications r join elly.applications a on a.ats_record_id = r.id
         join elly.stages s on s.id = a.stage_id
       where r.connection_id = ? and r.status = 'active' and r.tombstone is null and s.kind = 'applied'
         and not exists (select 1 from ats.stage_changes c where c.application_id = r.id) order by r.remote_id limit 1`,
      [this.connection],
    );
    if (row === undefined) throw new Error('Nobody is left who has just applied.');
    return row.remote;
  }

  /** How the latest move of an application ended. */
  async endOf(remote: string): Promise<{ readonly status: string; readonly reason: string | null } | undefined> {
    const [row] = await this.#rows<{ status: string; reason: string | null }>(
      `select status, reason from ats.stage_changes where connection_id = ? and application_remote_id = ? order by nth desc limit 1`,
      [this.connection, remote],
    );
    return row;
  }

  async #move(
    application: { readonly id: string; readonly remote: string },
    toStage: HostStage,
    trouble: FaultRule['fault'] | null,
  ): Promise<boolean> {
    if (trouble !== null) {
      const path = `/\\/${application.remote}\\/(move|reject|unreject|hire|stage|archived)$/`;
      this.account.faults.add([{ match: { path }, fault: trouble, times: 1 }]);
    }
    const reasons = await this.elly.client.get<{ remoteId: string; of: string }[]>(
      `/api/ats/connections/${this.connection}/move-reasons`,
    );
    const reasonRemoteId = reasons.find(({ of }) => of === 'reject')?.remoteId ?? null;
    const body = { stageId: toStage.id, ...(toStage.kind === 'rejected' ? { rejection: { reasonRemoteId } } : {}) };
    return this.#taken(this.elly.client.send('PATCH', `/api/applications/${application.id}`, body));
  }

  /** Whether Elly took it: what it refuses it says. */
  #taken(request: Promise<unknown>): Promise<boolean> {
    return request.then(
      () => true,
      (error: unknown) => {
        if (error instanceof Error && /answered 4\d\d/.test(error.message)) return false;
        throw error;
      },
    );
  }

  /** One attempt at what is due: lost, twice or late, as the knobs say. */
  async deliverSome(): Promise<void> {
    await this.account.webhooks.outbox.flush(true);
  }

  async run(kind: 'incremental' | 'resync'): Promise<void> {
    const path = `/api/ats/connections/${this.connection}/sync-runs${kind === 'resync' ? '' : '/incremental'}`;
    const { runId } = await this.elly.client.send<{ runId: string }>('POST', path);
    await this.elly.client.ended(this.connection, runId);
  }

  /** No fault any more, no move on its way, nothing named that is not read; then a look at everything. */
  async comeToRest(): Promise<void> {
    this.account.faults.clear();
    this.account.setKnobs({ webhooks: { ...TROUBLED_WEBHOOKS, lost: 0, seed: 7 } });
    await this.deliverSome();
    await this.until(async () => (await this.openMoves()) === 0, 'changes were not settled');
    // More than once: what the first listing meets may still be somebody's move.
    await this.run('resync');
    await this.run('incremental');
    await this.until(async () => (await this.openMoves()) === 0, 'changes were not settled');
  }

  /** Moves and edits that are on their way. */
  openMoves(): Promise<number> {
    return this.#count(
      `select count(*)::int as count from (
         select connection_id, status from ats.stage_changes union all select connection_id, status from ats.field_changes) changes
       where connection_id = ? and status in ('pending', 'sending')`,
    );
  }

  parkedMoves(): Promise<number> {
    return this.#count(
      `select count(*)::int as count from ats.stage_changes where connection_id = ? and status = 'parked'`,
    );
  }

  /** What the library keeps of all that lives, by the ATS's id; of people, what Elly shows. */
  async kept(): Promise<Side> {
    const applications = await this.#rows<Standing & { id: string }>(
      `select remote_id as id, status, case when status = 'active' then stage_remote_id end as stage,
         candidate_remote_id as candidate
       from ats.applications where connection_id = ? and tombstone is null`,
      [this.connection],
    );
    const people = await this.#rows<Person & { id: string }>(
      `select r.remote_id as id, c.name, c.headline from elly.candidates c join ats.candidates r on r.id = c.ats_record_id
       where r.connection_id = ? and r.tombstone is null and exists (select 1 from ats.applications a
         where a.connection_id = r.connection_id and a.candidate_remote_id = r.remote_id and a.tombstone is null)`,
      [this.connection],
    );
    return { applications: byId(applications), people: byId(people) };
  }

  /** Where Elly's board shows somebody whom the ATS has elsewhere: applications whose stage is not the mapped one. */
  misplaced(): Promise<readonly { readonly remote: string; readonly shown: string; readonly kept: string }[]> {
    return this.#rows(
      `select r.remote_id as remote, s.kind as shown, r.status as kept from elly.applications a
       join ats.applications r on r.id = a.ats_record_id join elly.stages s on s.id = a.stage_id
       where r.connection_id = ? and r.tombstone is null and (
         a.stage_id <> r.host_stage_id::uuid
         or (r.status = 'rejected') <> (s.kind = 'rejected') or (r.status = 'hired') <> (s.kind = 'hired'))`,
      [this.connection],
    );
  }

  /** How moves and edits ended, and how many moves had a write of which nobody was told. */
  async endings(): Promise<{ readonly confirmed: number; readonly edited: number; readonly unanswered: number }> {
    const edited = await this.#count(
      `select count(*)::int as count from ats.field_changes where connection_id = ? and status = 'confirmed'`,
    );
    const [row] = await this.#rows<{ confirmed: number; unanswered: number }>(
      `select count(distinct s.id) filter (where s.status = 'confirmed')::int as confirmed,
         count(*) filter (where not t.answered and t.outcome in ('applied', 'not-applied'))::int as unanswered
       from ats.stage_changes s left join ats.stage_change_attempts t on t.change_id = s.id where s.connection_id = ?`,
      [this.connection],
    );
    return { confirmed: 0, unanswered: 0, ...row, edited };
  }

  /** For each application and person the writes that took effect and those that were written down as sent. */
  async writes(): Promise<{ readonly record: string; readonly made: number; readonly meant: number }[]> {
    const meant = await this.#rows<{ record: string; meant: number }>(
      `select record, count(*)::int as meant from (
         select s.application_remote_id as record, s.connection_id, t.outcome
         from ats.stage_change_attempts t join ats.stage_changes s on s.id = t.change_id
         union all
         select s.candidate_remote_id, s.connection_id, t.outcome
         from ats.field_change_attempts t join ats.field_changes s on s.id = t.change_id) attempts
       where connection_id = ? and outcome in ('applied', 'unclear') group by 1`,
      [this.connection],
    );
    const made = new Map<string, number>();
    for (const { record } of this.account.writes.list())
      if (record !== null) made.set(record, (made.get(record) ?? 0) + 1);
    const of = new Map(meant.map(({ record, meant: count }) => [record, count]));
    return [...made].map(([record, count]) => ({ record, made: count, meant: of.get(record) ?? 0 }));
  }

  async until(done: () => Promise<boolean>, what: string): Promise<void> {
    const end = Date.now() + WAIT_MS;
    while (!(await done())) {
      if (Date.now() > end) throw new Error(`${what} within a minute: ${JSON.stringify(await this.#open())}`);
      await sleep(LOOK_MS);
    }
  }

  #open(): Promise<readonly object[]> {
    return this.#rows(
      `select status, reason, failures, not_before, lease_until from ats.stage_changes where connection_id = ? and settled_at is null
       union all
       select status, reason, failures, not_before, lease_until from ats.field_changes where connection_id = ? and settled_at is null`,
      [this.connection, this.connection],
    );
  }

  async #count(sql: string): Promise<number> {
    const [row] = await this.#rows<{ count: number }>(sql, [this.connection]);
    return row?.count ?? 0;
  }

  #rows<Row extends object>(sql: string, values: readonly unknown[]): Promise<Row[]> {
    return this.elly.running.elly.app
      .get(MikroORM)
      .em.fork()
      .getConnection()
      .execute<Row[]>(sql, [...values]);
  }
}
