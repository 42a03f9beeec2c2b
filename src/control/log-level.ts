import { isLogLevel, type LogLevelSwitch, logLevels } from '../log.ts';
import { done, type Route, refused } from './route.ts';

/** `GET` returns the least level of log lines, `POST` changes it until Lookout ends. */
export function logLevelRoutes(level: Pick<LogLevelSwitch, 'level' | 'setLevel'>): readonly Route[] {
  return [
    { method: 'GET', path: '/log-level', handle: () => done({ level: level.level() }) },
    {
      method: 'POST',
      path: '/log-level',
      handle({ body }) {
        const wanted = typeof body === 'object' && body !== null && 'level' in body ? body.level : null;
        if (!isLogLevel(wanted)) return refused(`the levels are ${logLevels.join(', ')}`);
        const before = level.level();
        level.setLevel(wanted);
        return done({ level: wanted, before });
      },
    },
  ];
}
