/**
 * From levels to findings: one statement each, with evidence and a remedy. Pure. A file for each kind of cause; here
 * they are put in the order in which the report tells them.
 */
import type { Finding } from '../model/report.ts';
import type { Evidence } from './evidence.ts';
import { limits } from './limits.ts';
import { fewForErrors, objectivesAtOneUser, unconfirmed } from './loadLine.ts';
import { disordered, dropped, memoryOfChannels, reconnections, unnumbered, unread } from './messages.ts';
import { backlogs } from './queues.ts';
import { failures, redirects } from './refusals.ts';
import { costly, endless, idle, leftOut, unnamed, unplayed } from './scripts.ts';
import { poorFit, superlinear } from './scalingShape.ts';
import { absences, disagreement, stalls, unsteady } from './unsteadiness.ts';

export function findings(evidence: Evidence): Finding[] {
  return [
    ...absences(evidence),
    ...endless(evidence),
    ...unplayed(evidence),
    ...idle(evidence),
    ...unnamed(evidence),
    ...costly(evidence),
    ...redirects(evidence),
    ...failures(evidence),
    ...dropped(evidence),
    ...reconnections(evidence),
    ...disordered(evidence),
    ...unnumbered(evidence),
    ...unread(evidence),
    ...memoryOfChannels(evidence),
    ...backlogs(evidence),
    ...stalls(evidence),
    ...leftOut(evidence),
    ...disagreement(evidence),
    ...objectivesAtOneUser(evidence),
    ...fewForErrors(evidence),
    ...unconfirmed(evidence),
    ...limits(evidence),
    ...superlinear(evidence),
    ...poorFit(evidence),
    ...unsteady(evidence),
  ];
}
