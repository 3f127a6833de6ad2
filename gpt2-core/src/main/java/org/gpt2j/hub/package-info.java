/** Pretrained models: where they lie on this machine, and how they get there. */
package org.gpt2j.hub;
