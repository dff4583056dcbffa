import { defineEntity } from '@mikro-orm/postgresql';
import { v7 as uuidv7 } from 'uuid';
import type { Plan } from './plan.js';

/** A customer of Elly. */
export class Workspace {
  readonly id: string = uuidv7();
  readonly name: string;
  plan: Plan;
  /** What is left to spend. Only the ledger changes it, by SQL: a value read here is already old. */
  readonly credits: number = 0;
  readonly createdAt: Date = new Date();

  constructor(values: { readonly name: string; readonly plan: Plan }) {
    this.name = values.name;
    this.plan = values.plan;
  }
}

export const WorkspaceSchema = defineEntity({
  class: Workspace,
  tableName: 'workspaces',
  schema: 'elly',
  properties: (p) => ({
    id: p.uuid().primary(),
    name: p.text(),
    plan: p.text().$type<Plan>(),
    credits: p.integer(),
    createdAt: p.datetime(),
  }),
});
