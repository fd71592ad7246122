// A Worker that does nothing: what a request costs at least.
export default { fetch: () => new Response("nothing\n") };
