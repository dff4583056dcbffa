import type { Course, Step } from './course.js';
import { NAMELESS } from './model-state.js';
import type { ModelConnection, ModelGrant, ModelState } from './model-state.js';
import type { Operation, Outcome } from './operations.js';

export function begin({ by, provider }: Extract<Operation, { kind: 'begin' }>, names: Outcome): readonly Step[] {
  const { workspaceId: workspace } = by;
  const id = names.connection ?? NAMELESS;
  return [
    (state, course) => {
      const open = state.inWorkspace(workspace, 'authorizing');
      const room = state.limitOf(workspace) - state.inWorkspace(workspace, 'active', 'reconnect_required').length - 1;
      const away = replacedBy(by.userId, provider, open, room);
      if (room < 0 || open.length - away.length > room) course.code = 'plan-limit-reached';
      else {
        for (const replaced of away) {
          state.giveUp(replaced);
          course.seen[replaced.id] = 'replaced';
        }
        state.connections.push({ ...newConnection(id, workspace, provider, state.minutes), createdBy: by.userId });
      }
    },
    (state, course) => {
      for (const held of state.connections) if (course.seen[held.id] === 'replaced') state.release(held);
    },
    (state, course) => {
      const held = state.find(id);
      const fails = state.fails('reserve');
      if (fails !== null) course.seen.failed = 'ledger-away';
      if (held === undefined || fails === 'before') return;
      if (state.credits > 0) {
        state.credits -= 1;
        held.reserved = true;
      } else if (fails === null) course.seen.failed = 'no-credit';
    },
    (state, course) => {
      const held = state.find(id);
      if (held === undefined) return;
      if (held.status !== 'authorizing' && course.seen.failed !== 'ledger-away')
        course.seen.failed = 'connect-overtaken';
      if (course.seen.failed !== undefined) state.giveUp(held);
    },
    (state, course) => {
      const held = state.find(id);
      const { failed } = course.seen;
      if (held === undefined || typeof failed !== 'string') return;
      state.release(held);
      course.code = failed;
    },
    (state) => issue(state, names, { connection: id, purpose: 'connect', who: by, provider }),
  ];
}

/** A person's own sign-in at the same ATS; without room for the rest, own ones elsewhere and then others' here. */
function replacedBy(
  userId: string,
  provider: string,
  open: readonly ModelConnection[],
  room: number,
): readonly ModelConnection[] {
  const rank = ({ createdBy, provider: at }: ModelConnection) =>
    createdBy === userId ? (at === provider ? 0 : 1) : at === provider ? 2 : 3;
  const away: ModelConnection[] = [];
  for (const signIn of [...open].sort((one, other) => rank(one) - rank(other))) {
    if (rank(signIn) === 0 || (rank(signIn) < 3 && open.length - away.length > room)) away.push(signIn);
  }
  return away;
}

export function beginAgain(
  { by, connection: id }: Extract<Operation, { kind: 'begin-again' }>,
  names: Outcome,
): readonly Step[] {
  return [
    (state, course) => {
      const held = state.find(id);
      if (held === undefined || held.workspace !== by.workspaceId) course.code = 'not-found';
      else if (held.status === 'suspended') course.code = 'suspended';
      else if (held.status === 'authorizing' || held.status === 'disconnected') course.code = 'not-connected';
    },
    (state) =>
      issue(state, names, {
        connection: id,
        purpose: 'reconnect',
        who: by,
        provider: state.find(id)?.provider ?? '',
      }),
  ];
}

function issue(
  state: ModelState,
  { state: name }: Outcome,
  signIn: Omit<ModelState['signIns'][number], 'state' | 'issuedAt' | 'used'>,
): void {
  if (name !== undefined) state.signIns.push({ ...signIn, state: name, issuedAt: state.minutes, used: false });
}

export function finish(operation: Extract<Operation, { kind: 'finish' }>): readonly Step[] {
  const signInOf = (state: ModelState) => state.signIns.find(({ state: name }) => name === operation.state);
  const connectionOf = (state: ModelState) => state.find(signInOf(state)?.connection ?? '');
  return [
    (state, course) => {
      const signIn = signInOf(state);
      const mine = operation.as === 'the person' || operation.as === 'the person, refusing';
      if (!mine || signIn === undefined || !state.isOpen(signIn)) {
        course.code = 'connect-state-invalid';
        return;
      }
      signIn.used = true;
      course.seen.epoch = connectionOf(state)?.epoch ?? 0;
      if (operation.as === 'the person') {
        const { grant: id, account } = operation;
        state.grants.push({
          id,
          account,
          alive: true,
          lost: false,
          expired: false,
          fault: null,
          fate: 'loose',
          returnedBy: null,
        });
      } else course.seen.failed = 'access-denied';
    },
    (state, course) => {
      const connection = connectionOf(state);
      if (course.seen.failed !== undefined || connection === undefined) return;
      if (signInOf(state)?.purpose === 'reconnect') {
        if (connection.account !== operation.account) course.seen.failed = 'different-account';
        return;
      }
      const twin = twinOf(state, connection, operation.account);
      if (twin !== undefined && twin.status !== 'disconnected') course.seen.failed = 'already-connected';
      course.seen.twin = twin?.id ?? null;
      course.seen.twinEpoch = twin?.epoch ?? null;
    },
    (state, course) => {
      if (course.seen.failed !== undefined) return;
      const grant = state.grants.find(({ id }) => id === operation.grant);
      const failed = grant === undefined ? 'no-grant' : approve(state, connectionOf(state), grant, course);
      if (failed !== null) course.seen.failed = failed;
    },
    (state, course) => {
      const failed = course.seen.failed;
      if (typeof failed !== 'string') return;
      const connection = connectionOf(state);
      const grant = state.grants.find(({ id }) => id === operation.grant);
      const connects = signInOf(state)?.purpose === 'connect';
      if (grant !== undefined && connection !== undefined && !mayBeInUse(state, connection))
        Object.assign(grant, { fate: 'returned', returnedBy: connection.id });
      if (connects && connection !== undefined && state.giveUp(connection)) state.release(connection);
      course.code = failed;
    },
  ];
}

/** Null when the connection is active now; the code of the refusal otherwise. */
function approve(
  state: ModelState,
  connection: ModelConnection | undefined,
  grant: ModelGrant,
  { seen }: Course,
): string | null {
  if (connection === undefined) return 'connect-overtaken';
  if (seen.twin === undefined) {
    const renewable = connection.status === 'active' || connection.status === 'reconnect_required';
    if (!renewable || connection.epoch !== seen.epoch) return 'connect-overtaken';
    state.approve(connection, grant, 'connection.reconnected');
    return null;
  }
  if (connection.status !== 'authorizing') return 'connect-overtaken';
  const twin = state.find(String(seen.twin));
  if (twin !== undefined && (twin.status !== 'disconnected' || twin.epoch !== seen.twinEpoch))
    return 'connect-overtaken';
  const rival = twinOf(state, connection, grant.account);
  if (twin === undefined && rival !== undefined && rival.status !== 'disconnected') return 'already-connected';
  const held = state.inWorkspace(connection.workspace, 'active', 'reconnect_required').length;
  if (held >= state.limitOf(connection.workspace)) return 'plan-limit-reached';
  // Whether or not it was done, it is undone with the activation.
  if (state.fails('commit') !== null) return 'ledger-away';
  connection.reserved = false;
  state.committed += 1;
  if (twin !== undefined) state.connections.splice(state.connections.indexOf(connection), 1);
  state.approve(twin ?? connection, grant, 'connection.activated');
  return null;
}

/** Whether anything of the workspace lives at the ATS, or is about to: the server may keep one grant for all of it. */
function mayBeInUse(state: ModelState, { id, workspace, provider }: ModelConnection): boolean {
  return state.connections.some(
    (other) =>
      other.workspace === workspace &&
      other.provider === provider &&
      (((other.status === 'active' || other.status === 'suspended') && !other.dead) ||
        (other.status === 'authorizing' && other.id !== id)),
  );
}

/** The workspace's other connection to an account; one that was disconnected counts when it brought anything in. */
function twinOf(state: ModelState, mine: ModelConnection, account: string): ModelConnection | undefined {
  const others = state.connections.filter(
    (other) =>
      other !== mine &&
      other.workspace === mine.workspace &&
      other.provider === mine.provider &&
      other.account === account &&
      (other.status !== 'disconnected' || other.hasData),
  );
  return others.find(({ status }) => status !== 'disconnected') ?? others[0];
}

function newConnection(
  id: string,
  workspace: string,
  provider: string,
  bornAt: number,
): Omit<ModelConnection, 'createdBy'> {
  return {
    id,
    workspace,
    provider,
    bornAt,
    status: 'authorizing',
    account: null,
    grant: null,
    dead: false,
    everActive: false,
    hasData: false,
    epoch: 1,
    version: 0,
    reserved: false,
    due: false,
    asking: false,
    events: {},
  };
}
