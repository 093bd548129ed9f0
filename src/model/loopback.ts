/** Whether a host of a URL is this machine itself: only there may a token travel over plain http (#83). */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
