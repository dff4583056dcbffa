import type { ConnectionStatus } from '../../connections/connection-status.js';
import { PLANS } from './operations.js';
import type { LedgerCall, LedgerTrouble, PlanName, Trouble, Who } from './operations.js';

export interface ModelConnection {
  readonly id: string;
  readonly workspace: string;
  readonly provider: string;
  readonly createdBy: string;
  status: ConnectionStatus;
  readonly bornAt: number;
  account: string | null;
  grant: string | null;
  /** Somebody found out that the grant is dead. */
  dead: boolean;
  everActive: boolean;
  hasData: boolean;
  epoch: number;
  /** Grows with whatever is stored in place of its credentials. */
  version: number;
  reserved: boolean;
  /** A keep-alive has to renew it. */
  due: boolean;
  asking: boolean;
  readonly events: Record<string, number>;
}

export interface ModelSignIn {
  readonly state: string;
  readonly connection: string;
  readonly purpose: 'connect' | 'reconnect';
  readonly who: Who;
  readonly provider: string;
  readonly issuedAt: number;
  used: boolean;
}

export interface ModelGrant {
  readonly id: string;
  readonly account: string;
  alive: boolean;
  /** The server renewed it and we never heard of it: what we hold is burnt. */
  lost: boolean;
  expired: boolean;
  fault: 'unavailable' | 'lost' | null;
  /** `returned`: to be dead at the server as soon as it was given back. `loose`: nobody holds it, nobody gives it back. */
  fate: 'held' | 'returned' | 'loose';
  /** The connection that gave it back, or whose sign-in did. */
  returnedBy: string | null;
}

const STATE_MINUTES = 10;
/** How a connect is called that failed before anybody heard of it. */
export const NAMELESS = 'nameless ';

/** Everything that there is to know about connections, without a database, a network or a clock. */
export class ModelState {
  minutes = 0;
  committed = 0;
  /** Credits that connects without a name reserved and nobody has released. */
  owed = 0;
  ledger: LedgerTrouble | null = null;
  readonly plans: Record<string, PlanName> = {};
  /** Workspaces whose plan nobody has enforced since it changed. */
  readonly unenforced: Record<string, boolean> = {};
  connections: ModelConnection[] = [];
  readonly signIns: ModelSignIn[] = [];
  readonly grants: ModelGrant[] = [];

  constructor(public credits: number) {}

  clone(): ModelState {
    return Object.assign(new ModelState(this.credits), structuredClone({ ...this }));
  }

  find(id: string): ModelConnection | undefined {
    return this.connections.find((connection) => connection.id === id);
  }

  grantOf(connection: ModelConnection): ModelGrant | undefined {
    return this.grants.find(({ id }) => id === connection.grant);
  }

  limitOf(workspace: string): number {
    const limit = PLANS[this.plans[workspace] ?? 'free'];
    return limit === 'unlimited' ? Infinity : limit;
  }

  /** The oldest first, as the plan covers them: of one moment those that were there first. */
  inWorkspace(workspace: string, ...statuses: readonly ConnectionStatus[]): ModelConnection[] {
    return this.connections
      .filter((connection) => connection.workspace === workspace && statuses.includes(connection.status))
      .sort((one, other) => one.bornAt - other.bornAt);
  }

  isOpen(signIn: ModelSignIn): boolean {
    const status = this.find(signIn.connection)?.status;
    if (signIn.used || this.minutes - signIn.issuedAt >= STATE_MINUTES || status === undefined) return false;
    return signIn.purpose === 'connect' ? status === 'authorizing' : status !== 'disconnected';
  }

  tell(connection: ModelConnection, event: string): void {
    connection.events[event] = (connection.events[event] ?? 0) + 1;
  }

  /** A sign-in comes to nothing: its place is free. */
  giveUp(connection: ModelConnection): boolean {
    if (connection.status !== 'authorizing') return false;
    connection.status = 'disconnected';
    return true;
  }

  /** Whether the ledger throws at such a call, and then whether it has done nothing before. */
  fails(call: LedgerCall): LedgerTrouble['when'] | null {
    return this.ledger?.calls.includes(call) === true ? this.ledger.when : null;
  }

  /** For the sweep to do again when the ledger is away. */
  release(connection: ModelConnection): void {
    if (this.fails('release') === 'before') return;
    if (connection.reserved) this.credits += 1;
    connection.reserved = false;
  }

  approve(connection: ModelConnection, grant: ModelGrant, event: string): void {
    const before = this.grantOf(connection);
    if (before !== undefined && before.fate === 'held') before.fate = 'loose';
    if (connection.status === 'disconnected') connection.epoch += 1;
    grant.fate = 'held';
    Object.assign(connection, { status: 'active', grant: grant.id, account: grant.account, dead: false, due: false });
    connection.everActive = true;
    connection.version += 1;
    connection.asking = false;
    this.tell(connection, event);
  }

  suspend(connection: ModelConnection): void {
    if (connection.status !== 'active' && connection.status !== 'reconnect_required') return;
    connection.status = 'suspended';
    this.tell(connection, 'connection.suspended');
  }

  resume(connection: ModelConnection): void {
    connection.status = connection.dead ? 'reconnect_required' : 'active';
    this.tell(connection, 'connection.resumed');
    if (connection.dead) this.tell(connection, 'connection.reconnect-required');
  }

  /** Somebody found out that the grant is over. */
  declareDead(connection: ModelConnection): void {
    if (connection.status === 'active') {
      connection.status = 'reconnect_required';
      this.tell(connection, 'connection.reconnect-required');
    }
    connection.dead = true;
  }

  /** What happened at the ATS, and how much time passed there, before an operation. */
  trouble(connectionId: string, trouble: Trouble): void {
    const grant = this.grantOf(this.find(connectionId) ?? ({ grant: null } as ModelConnection));
    if (grant === undefined || grant.fate !== 'held') return;
    if (trouble === 'revoked at the ATS') grant.alive = false;
    if (trouble.startsWith('expired')) grant.expired = true;
    if (trouble === 'expired, sign-in server down') grant.fault = 'unavailable';
    if (trouble === 'expired, answer lost') grant.fault = 'lost';
  }

  /** Between two operations: no trouble lasts, and what nobody can name is over. */
  settle(): void {
    for (const grant of this.grants) grant.fault = null;
    this.ledger = null;
    this.owed += this.connections.filter(({ id, reserved }) => reserved && id.startsWith(NAMELESS)).length;
    this.connections = this.connections.filter(({ id }) => !id.startsWith(NAMELESS));
  }
}
