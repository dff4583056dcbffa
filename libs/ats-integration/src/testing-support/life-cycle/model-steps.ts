import { begin, beginAgain, finish } from './connect-steps.js';
import type { Step } from './course.js';
import type { ModelConnection, ModelState } from './model-state.js';
import type { Operation, Outcome } from './operations.js';
import { keepAlive, sync } from './refresh-steps.js';

/** An operation as moments. `names`: what the real one called the things that it made. */
export function stepsOf(operation: Operation, names: Outcome): readonly Step[] {
  switch (operation.kind) {
    case 'begin':
      return begin(operation, names);
    case 'begin-again':
      return beginAgain(operation, names);
    case 'finish':
      return finish(operation);
    case 'wait':
      return [(state) => void (state.minutes += operation.minutes)];
    case 'release-abandoned':
      return [releaseAbandoned];
    case 'sync':
      return sync(operation.connection);
    case 'keep-alive':
      return keepAlive();
    case 'plan':
      return [
        (state) => {
          state.plans[operation.workspace] = operation.plan;
          state.unenforced[operation.workspace] = true;
        },
      ];
    case 'enforce':
      return enforce(operation.workspace);
    case 'disconnect':
      return disconnect(operation.connection, operation.workspace);
    case 'give-back':
      return operation.failing ? [] : [giveBack];
    case 'reseal':
      return [];
    default:
      return operation satisfies never;
  }
}

function releaseAbandoned(state: ModelState): void {
  for (const held of state.connections) {
    if (state.minutes - held.bornAt >= 15) state.giveUp(held);
    if (held.status === 'disconnected') state.release(held);
  }
  if (state.fails('release') === 'before') return;
  state.credits += state.owed;
  state.owed = 0;
}

/** Beyond the limit sign-ins are given up and the newest suspended; where there is room the oldest go on. */
function enforce(workspace: string): readonly Step[] {
  return [
    (state, course) => {
      for (const { id } of applyPlan(state, workspace)) course.seen[id] = 'given up';
    },
    (state, course) => {
      for (const held of state.connections) if (course.seen[held.id] === 'given up') state.release(held);
    },
  ];
}

/** Returns the sign-ins that are given up. */
function applyPlan(state: ModelState, workspace: string): readonly ModelConnection[] {
  const limit = state.limitOf(workspace);
  const holding = state.inWorkspace(workspace, 'active', 'reconnect_required');
  const waiting = state.inWorkspace(workspace, 'suspended');
  const signingIn = state.inWorkspace(workspace, 'authorizing');
  for (const connection of holding.slice(limit)) state.suspend(connection);
  const givenUp = signingIn.slice(Math.max(0, limit - holding.length));
  for (const connection of givenUp) state.giveUp(connection);
  const room = Math.max(0, limit - holding.length - signingIn.length);
  for (const connection of waiting.slice(0, room)) state.resume(connection);
  state.unenforced[workspace] = false;
  return givenUp;
}

function disconnect(id: string, workspace: string): readonly Step[] {
  return [
    (state, course) => {
      const connection = state.find(id);
      if (connection === undefined) course.code = 'not-found';
      else if (state.giveUp(connection)) course.seen.release = true;
    },
    (state, course) => {
      const connection = state.find(id);
      if (connection !== undefined && course.seen.release === true) state.release(connection);
    },
    (state, course) => {
      const connection = state.find(id);
      if (connection === undefined) return void (course.code = 'not-found');
      for (const signIn of state.signIns) if (signIn.connection === id) signIn.used = true;
      if (connection.status === 'disconnected') return;
      const grant = state.grantOf(connection);
      if (grant !== undefined) Object.assign(grant, { fate: 'returned', returnedBy: id });
      Object.assign(connection, { status: 'disconnected', grant: null, dead: false, due: false, asking: false });
      connection.epoch += 1;
      connection.version += 1;
      state.tell(connection, 'connection.disconnected');
    },
    // As it happens in the same call.
    ...enforce(workspace),
  ];
}

/**
 * A grant of which we hold a burnt token stays where it is: the server does not understand that token any more. One that
 * another connection may live on is left to it; one beside which a sign-in is open waits for what becomes of that.
 */
function giveBack(state: ModelState): void {
  for (const grant of state.grants.filter(({ fate }) => fate === 'returned')) {
    const mine = state.find(grant.returnedBy ?? '');
    if (mine === undefined) continue;
    const others = state.connections.filter(({ provider }) => provider === mine.provider);
    if (others.some((other) => livesOnGrantOf(other, mine))) grant.fate = 'loose';
    else if (!others.some((other) => opensBeside(other, mine)) && !grant.lost) grant.alive = false;
  }
}

function livesOnGrantOf(other: ModelConnection, mine: ModelConnection): boolean {
  const lives = (other.status === 'active' || other.status === 'suspended') && !other.dead;
  if (other.account !== null && mine.account !== null) return lives && other.account === mine.account;
  return lives && other.workspace === mine.workspace;
}

function opensBeside(other: ModelConnection, mine: ModelConnection): boolean {
  return other.status === 'authorizing' && other !== mine && other.workspace === mine.workspace;
}
