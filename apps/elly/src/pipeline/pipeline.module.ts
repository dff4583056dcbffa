import { Module } from '@nestjs/common';
import { JobsModule } from '../jobs/jobs.module.js';
import { Applications } from './applications.js';
import { Board } from './board.js';
import { PipelineController } from './pipeline.controller.js';
import { Stages } from './stages.js';
import { StagesController } from './stages.controller.js';

@Module({
  imports: [JobsModule],
  controllers: [StagesController, PipelineController],
  providers: [Stages, Board, Applications],
})
export class PipelineModule {}
