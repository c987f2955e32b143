export const adminHandlers = {};
