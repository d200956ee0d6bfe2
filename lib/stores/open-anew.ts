/** Closes what an earlier call has opened, then connects. If that fails, nothing stays open. */
export async function openAnew(
  store: { close(): Promise<void> },
  connect: () => Promise<void>,
): Promise<void> {
  await store.close();
  try {
    await connect();
  } catch (error) {
    await store.close();
    throw error;
  }
}
