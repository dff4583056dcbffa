import { defineEntity, p } from '@mikro-orm/core';

const schema = defineEntity({
  name: 'AtsStageMapping',
  tableName: 'stage_mappings',
  schema: 'ats',
  properties: {
    connectionId: p.uuid().primary(),
    stageKey: p.text().primary(),
    stageName: p.text(),
    jobRemoteId: p.text().nullable(),
    hostStageId: p.text(),
    status: p.enum(['suggested', 'confirmed']),
    confidence: p.float(),
    reason: p.text(),
    changedBy: p.text().nullable(),
    changedAt: p.datetime(),
  },
});

/** One row of a connection's stage mapping: an ATS stage (see `stageKeyOf`) and the host's stage it stands for. */
export class StageMapping extends schema.class {}
schema.setClass(StageMapping);
