/** The safetensors format (huggingface/safetensors, README and src/tensor.rs). */
package org.gpt2j.safetensors;
