/**
 * Layers of a transformer with hand-written forward and backward passes. A layer keeps what its
 * backward pass needs from its last forward pass; matrices live in a {@link org.gpt2j.nn.Workspace}
 * that is reused from step to step.
 */
package org.gpt2j.nn;
