import { defineEntity } from '@mikro-orm/postgresql';
import { v7 as uuidv7 } from 'uuid';

export const ROLES = ['admin', 'recruiter'] as const;
export type Role = (typeof ROLES)[number];

export class User {
  readonly id: string = uuidv7();
  readonly workspaceId: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;

  constructor(values: {
    readonly workspaceId: string;
    readonly name: string;
    readonly email: string;
    readonly role: Role;
  }) {
    this.workspaceId = values.workspaceId;
    this.name = values.name;
    this.email = values.email.toLowerCase();
    this.role = values.role;
  }
}

export const UserSchema = defineEntity({
  class: User,
  tableName: 'users',
  schema: 'elly',
  properties: (p) => ({
    id: p.uuid().primary(),
    workspaceId: p.uuid(),
    name: p.text(),
    email: p.text(),
    role: p.text().$type<Role>(),
  }),
});
