/** The kernels in ND4J operations only: for any backend and floating type, and as the reference. */
package org.gpt2j.nn.portable;
