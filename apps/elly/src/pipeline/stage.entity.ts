import type { HostStageKind } from '@elly/ats-integration';
import { defineEntity } from '@mikro-orm/postgresql';
import { v7 as uuidv7 } from 'uuid';

/** A column of the workspace's pipeline. */
export class Stage {
  readonly id: string = uuidv7();
  readonly workspaceId: string;
  name: string;
  readonly kind: HostStageKind;
  position: number;

  constructor(values: {
    readonly workspaceId: string;
    readonly name: string;
    readonly kind: HostStageKind;
    readonly position: number;
  }) {
    this.workspaceId = values.workspaceId;
    this.name = values.name;
    this.kind = values.kind;
    this.position = values.position;
  }
}

export const StageSchema = defineEntity({
  class: Stage,
  tableName: 'stages',
  schema: 'elly',
  properties: (p) => ({
    id: p.uuid().primary(),
    workspaceId: p.uuid(),
    name: p.text(),
    kind: p.text().$type<HostStageKind>(),
    position: p.integer(),
  }),
});
