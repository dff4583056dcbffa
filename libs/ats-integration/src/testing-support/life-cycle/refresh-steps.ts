import type { Course, Step } from './course.js';
import type { ModelConnection, ModelState } from './model-state.js';

export function sync(id: string): readonly Step[] {
  return [
    (state, course) => {
      const connection = state.find(id);
      if (connection?.status === 'suspended') course.code = 'suspended';
      else if (connection?.status !== 'active') course.code = 'not-connected';
      course.seen.epoch = connection?.epoch ?? 0;
    },
    (state, course) => {
      const connection = state.find(id);
      if (connection === undefined || connection.status !== 'active' || connection.epoch !== course.seen.epoch) {
        course.code = 'ok';
        return;
      }
      const covered = state
        .inWorkspace(connection.workspace, 'active', 'reconnect_required')
        .slice(0, state.limitOf(connection.workspace));
      course.seen.over = !covered.includes(connection);
    },
    (state, course) => {
      const connection = state.find(id);
      if (connection === undefined || connection.epoch !== course.seen.epoch) {
        course.code = 'ok';
        return;
      }
      const grant = state.grantOf(connection);
      if (course.seen.over === true || grant === undefined) return;
      if (grant.expired || !grant.alive) ask(state, connection, course);
    },
    (state, course) => settle(state, state.find(id), course),
    (state, course) => {
      const connection = state.find(id);
      if (connection === undefined || connection.epoch !== course.seen.epoch) return;
      if (course.seen.over === true) return state.suspend(connection);
      const grant = state.grantOf(connection);
      if (connection.status === 'active' && grant !== undefined && grant.alive && !grant.expired)
        connection.hasData = true;
    },
  ];
}

export function keepAlive(): readonly Step[] {
  const due = (state: ModelState) =>
    state.connections.filter(
      ({ due, status, dead }) => due && (status === 'active' || (status === 'suspended' && !dead)),
    );
  return [
    (state, course) => {
      for (const connection of due(state)) ask(state, connection, course);
    },
    (state, course) => {
      for (const connection of state.connections) settle(state, connection, course);
    },
  ];
}

/** A refresh leaves: one for a connection at a time, whoever wants it. */
function ask(state: ModelState, connection: ModelConnection, { seen }: Course): void {
  const grant = state.grantOf(connection);
  const over = connection.dead || (connection.status !== 'active' && connection.status !== 'suspended');
  if (grant === undefined || connection.asking || over) return;
  connection.asking = true;
  seen[`version ${connection.id}`] = connection.version;
  const { fault } = grant;
  grant.fault = null;
  if (fault === 'unavailable') seen[`answer ${connection.id}`] = 'none';
  else if (grant.lost || !grant.alive) {
    grant.alive = false;
    seen[`answer ${connection.id}`] = 'dead';
  } else if (fault === 'lost') {
    grant.lost = true;
    seen[`answer ${connection.id}`] = 'none';
  } else seen[`answer ${connection.id}`] = 'renewed';
}

/** Its answer is stored, if the connection is still the one for which it was asked. */
function settle(state: ModelState, connection: ModelConnection | undefined, { seen }: Course): void {
  const answer = connection === undefined ? undefined : seen[`answer ${connection.id}`];
  if (connection === undefined || answer === undefined) return;
  if (seen[`version ${connection.id}`] !== connection.version) return;
  connection.asking = false;
  const grant = state.grantOf(connection);
  if (answer === 'dead') state.declareDead(connection);
  if (answer !== 'renewed' || grant === undefined) return;
  grant.expired = false;
  connection.due = false;
  connection.version += 1;
}
