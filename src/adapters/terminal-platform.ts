/** The name of the platform whose rooms are shown in the terminal: it needs no account, so it is always there. */
export const terminalPlatform = 'console';
