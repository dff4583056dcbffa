import { Module } from '@nestjs/common';
import { Jobs } from './jobs.js';
import { JobsController } from './jobs.controller.js';

@Module({ controllers: [JobsController], providers: [Jobs], exports: [Jobs] })
export class JobsModule {}
