import { UseGuards, applyDecorators } from '@nestjs/common';
import { PlanLimitGuard } from './plan-limit.guard.js';

/** Marks a handler that ends in one more connection: it answers `plan-limit-reached` when the workspace's plan has no place for it. */
export function RequiresConnectionSlot(): MethodDecorator {
  return applyDecorators(UseGuards(PlanLimitGuard));
}
