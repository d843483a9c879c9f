#!/bin/sh
# SW-3.2: Service principal.
# Arguments: APP_NAME, RESOURCE_GROUP, SP_FILE.
set -eu
app_name=$1
resource_group=$2
sp_file=$3
umask 077
SUB=$(az account show --query id -o tsv)
az ad sp create-for-rbac --name "$app_name" --role Contributor --scopes "/subscriptions/$SUB/resourceGroups/$resource_group" --output json > "$sp_file"
# the password stays in the file; the screen and the journal see the rest
grep -v '"password"' "$sp_file"
echo "the password is in $sp_file: seal it as iaas_console_cert_manager_azure_sp_password, then remove the file"
