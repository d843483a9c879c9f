#!/bin/sh
# ACC-4.2: The GPU is usable.
# Arguments: GPU_ADDRESS, SSH_KEY.
set -eu
gpu_address=$1
ssh_key=$2
ssh -i "$ssh_key" -o StrictHostKeyChecking=accept-new -o ConnectTimeout=20 "ubuntu@$gpu_address" sh -s <<'END'
set -eu
nvidia-smi --query-gpu=index,name,memory.total,driver_version,temperature.gpu,ecc.errors.uncorrected.volatile.total --format=csv,noheader,nounits
. /opt/pytorch-venv/bin/activate
python -c 'import torch; print("torch", torch.cuda.is_available(), torch.cuda.device_count())'
END
